use landfall_observation::{ClaimedInstrument, Jurisdiction, StatementTopic, TlsVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{JurisdictionText, NameText, ShortText, TlsVersionText};

/// A claim of the text: what it says in words, and, as far as it can be compared with facts, in
/// fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "!has(self.places) || !(has(self.anywhere) && self.anywhere)",
        "message": "expected at most one of places (a list of jurisdictions) and anywhere: true",
    },
    {
        "rule": "!has(self.operators) || self.topic in ['DataCentre', 'OnwardRecipient']",
        "message": "expected operators only with topic DataCentre or OnwardRecipient",
        "fieldPath": ".operators",
    },
    {
        "rule": "self.topic != 'OnwardRecipient' || (has(self.operators) && size(self.operators) > 0)",
        "message": "expected the further processors that the text names",
        "fieldPath": ".operators",
    },
    {
        "rule": "!has(self.tls) || self.topic == 'TransportEncryption'",
        "message": "expected tls only with topic TransportEncryption",
        "fieldPath": ".tls",
    },
    {
        "rule": "self.topic == 'TransferBasis' || !(has(self.instrument) || has(self.seats))",
        "message": "expected instrument and seats only with topic TransferBasis",
    },
    {
        "rule": "!has(self.modules) || (has(self.instrument) && self.instrument == 'StandardContractualClauses')",
        "message": "expected modules only with instrument StandardContractualClauses",
        "fieldPath": ".modules",
    },
]))]
pub struct Statement {
    /// Line or clause, such as `§ 7(2)`.
    #[schemars(with = "ShortText")]
    pub line: String,
    /// What it is about.
    pub topic: StatementTopic,
    /// To whom it refers: the name of a Recipient, or `agreement`.
    #[schemars(with = "NameText")]
    pub subject: String,
    /// What it says.
    #[schemars(length(min = 1, max = 512))]
    pub value: String,
    /// The places that it names: these and no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub places: Option<Vec<Jurisdiction>>,
    /// It names no place ("global").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anywhere: Option<bool>,
    /// Operators of data centres, or further processors, that it names, by legal or trade name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ShortText>", length(max = 32), extend("x-kubernetes-list-type" = "set"))]
    pub operators: Vec<String>,
    /// The lowest version of TLS that it promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TlsVersionText>")]
    pub tls: Option<TlsVersion>,
    /// The instrument that it says makes transfers lawful.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<ClaimedInstrument>,
    /// The modules of the claimed clauses, as far as it names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4), inner(range(min = 1, max = 4)), extend("x-kubernetes-list-type" = "set"))]
    pub modules: Vec<u8>,
    /// Seats of the recipients to which the claim is limited; absent: it is about recipients anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub seats: Option<Vec<Jurisdiction>>,
}

/// An annex that the text announces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.present || !has(self.revision)",
    "message": "expected no revision of an annex that the text does not have",
    "fieldPath": ".revision",
}]))]
pub struct Annex {
    /// Its name, such as `Anlage 1`.
    #[schemars(with = "ShortText")]
    pub name: String,
    /// Line or clause that announces it.
    #[schemars(with = "ShortText")]
    pub clause: String,
    /// Its own version, such as its date; absent: it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub revision: Option<String>,
    /// Whether the text has it; `false`: announced, without text.
    #[serde(default = "true_by_default")]
    pub present: bool,
}

fn true_by_default() -> bool {
    true
}
