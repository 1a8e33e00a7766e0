//! What the text of an agreement claims, so that lint can compare it with facts.

use std::collections::BTreeSet;

use landfall_observation::{ClaimedInstrument, JurisdictionSet, StatementTopic, TlsVersion};
use serde::{Deserialize, Serialize};

use super::{Citation, Places};

/// What a text claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementText {
    /// Version of the text.
    pub revision: String,
    /// The annexes that it announces.
    pub annexes: Vec<Annex>,
    /// Its claims.
    pub statements: Vec<Statement>,
}

/// An annex that a text announces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annex {
    /// Its name.
    pub name: String,
    /// Where the text announces it.
    pub clause: Citation,
    /// Its own version, such as a date.
    pub revision: Option<String>,
    /// Whether the text has it.
    pub present: bool,
}

/// A claim of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Where the text claims it.
    pub line: Citation,
    /// What it is about.
    pub topic: StatementTopic,
    /// To whom it refers.
    pub subject: Subject,
    /// What it says.
    pub value: String,
    /// The places that it names.
    pub places: Option<Places>,
    /// Operators of data centres, or further processors, that it names.
    pub operators: BTreeSet<String>,
    /// The version of TLS that it promises.
    pub tls: Option<TlsVersion>,
    /// The instrument that it says makes transfers lawful.
    pub instrument: Option<ClaimedInstrument>,
    /// The modules of the clauses that it names.
    pub modules: BTreeSet<u8>,
    /// Where recipients must have their seat for the claim to be about them; `None`: anywhere.
    pub seats: Option<JurisdictionSet>,
}

/// To whom a claim refers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    /// The agreement as a whole.
    Agreement,
    /// A registered recipient, by name.
    Recipient(String),
}
