//! A verdict: outcome, reasons, what is missing, and what it rests on.

use jiff::Timestamp;
use landfall_observation::{Certainty, JurisdictionSet, Outcome, Rung, written_as_serialized};
use serde::{Deserialize, Serialize};

use crate::{Categories, Citation, Names, Obligation, Sentence, Setting, Sighting};

written_as_serialized!(ReasonCode, MissingCode, NoteCode);

/// The judgment of one edge at one instant. It borrows names and texts from the ruleset and the edge,
/// which keeps it cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// Names of the bases that carry the transfer, first hop first.
    pub bases: Names<'a>,
    /// Everything that speaks against a better outcome, the worst first.
    pub reasons: Vec<Reason<'a>>,
    /// What a person can obtain to improve the outcome.
    pub missing: Vec<Missing<'a>>,
    /// On what the outcome rests.
    pub grounds: Vec<Ground<'a>>,
    /// Other observations, which change no outcome.
    pub notes: Vec<Note<'a>>,
    /// What is transferred, as far as it is known.
    pub categories: KnownCategories<'a>,
    /// Where and when held categories were seen: the sightings that count.
    pub sightings: Vec<&'a Sighting>,
    /// Where it is processed, and how sure that is.
    pub location: LocationFinding,
    /// The hops of the chain, first hop first.
    pub chain: Vec<HopVerdict<'a>>,
    /// The outcomes by place, the worst first: what the outcome would be if the transfer reached that place alone. The first
    /// is that of the transfer. Each place that the chain or `location` names stands once; none if no place is known.
    pub places: Vec<PlaceVerdict>,
    /// As of which instant it was judged.
    pub at: Timestamp,
    /// The next instant at which a fact it depends on changes by itself, so that the edge must be judged again.
    pub holds_until: Option<Timestamp>,
    /// Version of the ruleset.
    pub ruleset: &'a str,
}

/// Categories and the rung by which they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCategories<'a> {
    /// The rung.
    pub rung: Rung,
    /// The categories.
    pub categories: Categories<'a>,
}

/// Where the first hop processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LocationFinding {
    /// The places that count: the attested ones, and worse ones by evidence.
    pub jurisdictions: JurisdictionSet,
    /// Whether the provider names no place.
    pub anywhere: bool,
    /// How sure that is.
    pub certainty: Certainty,
}

/// One thing that speaks against a better outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason<'a> {
    /// The outcome that it leads to.
    pub effect: Outcome,
    /// Stable name.
    pub code: ReasonCode,
    /// Its source in agreement and law, and the statement.
    pub ground: Ground<'a>,
}

/// Stable names of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReasonCode {
    /// The recipient is in no register entry that Annex 3 lists (SUB-LIST).
    #[serde(rename = "UnregisteredRecipient")]
    UnregisteredRecipient,
    /// The sub-processor is optional and was not activated.
    #[serde(rename = "NotActivated")]
    NotActivated,
    /// The objection period has not ended (SUB-FREEZE).
    #[serde(rename = "ObjectionPeriodRunning")]
    ObjectionPeriodRunning,
    /// A category that Annex 1 does not name (AVV-SCOPE).
    #[serde(rename = "CategoryOutsideAgreement")]
    CategoryOutsideAgreement,
    /// No basis covers a hop to a third country (TRF-GATE).
    #[serde(rename = "NoBasis")]
    NoBasis,
    /// A basis covered it and has ended.
    #[serde(rename = "BasisFallen")]
    BasisFallen,
    /// There is an instrument, but it does not fit this transfer.
    #[serde(rename = "BasisDoesNotFit")]
    BasisDoesNotFit,
    /// The impact assessment says that the transfer must end.
    #[serde(rename = "AssessmentNotAcceptable")]
    AssessmentNotAcceptable,
    /// A measure of Annex 2 is not met on the wire (TOM).
    #[serde(rename = "MeasureNotMet")]
    MeasureNotMet,
    /// The policy allows less than the law.
    #[serde(rename = "OutsidePolicy")]
    OutsidePolicy,
    /// Several names currently resolve to the address and belong to different recipients.
    #[serde(rename = "AmbiguousName")]
    AmbiguousName,
    /// The sub-processor is activated per tenant, and the workload's tenant is not known.
    #[serde(rename = "TenantUnknown")]
    TenantUnknown,
    /// No rung shows which categories are sent.
    #[serde(rename = "CategoriesUnknown")]
    CategoriesUnknown,
    /// Whether the GDPR applies at the place must be decided by a person.
    #[serde(rename = "TerritoryReview")]
    TerritoryReview,
    /// The policy counts what cannot be read as unknown.
    #[serde(rename = "Opaque")]
    Opaque,
    /// The ruleset does not hold the agreement.
    #[serde(rename = "AgreementUnknown")]
    AgreementUnknown,
    /// The sub-processor must not be used any more.
    #[serde(rename = "EngagementEnded")]
    EngagementEnded,
    /// The data of one controller goes to another.
    #[serde(rename = "OtherController")]
    OtherController,
    /// A derogation does not carry recurring transfers (Art. 49).
    #[serde(rename = "Recurring")]
    Recurring,
    /// There are more recipients than the limit, and which of them it was is not known.
    #[serde(rename = "TooManyRecipients")]
    TooManyRecipients,
    /// The address was recorded truncated, and the register declares prefixes within it: whether it is in one of them is
    /// not known.
    #[serde(rename = "AddressTruncated")]
    AddressTruncated,
}

/// Something that a person can obtain to improve the outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing<'a> {
    /// Stable name.
    pub code: MissingCode,
    /// For which entity or instrument.
    pub subject: &'a str,
    /// Its legal source, and what to do.
    pub ground: Ground<'a>,
}

/// Stable names of missing things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MissingCode {
    /// The SCC are not signed.
    #[serde(rename = "Signature")]
    Signature,
    /// Annexes I to III of the SCC are not filled in.
    #[serde(rename = "Annexes")]
    Annexes,
    /// There is no transfer impact assessment.
    #[serde(rename = "ImpactAssessment")]
    ImpactAssessment,
    /// The assessment is older than it may be, or past its review date.
    #[serde(rename = "AssessmentRefresh")]
    AssessmentRefresh,
    /// The assessment has no outcome yet.
    #[serde(rename = "AssessmentOutcome")]
    AssessmentOutcome,
    /// The last check of the DPF list is too old.
    #[serde(rename = "DpfCheck")]
    DpfCheck,
    /// The recipients further down the chain are not known.
    #[serde(rename = "OnwardList")]
    OnwardList,
    /// A legal fact is older than it may be.
    #[serde(rename = "FreshLegalData")]
    FreshLegalData,
    /// The register does not hold the act on which an instrument rests.
    #[serde(rename = "LegalAct")]
    LegalAct,
    /// It is not registered whether the importer falls within the scope of the decision.
    #[serde(rename = "ScopeConfirmation")]
    ScopeConfirmation,
    /// The certification does not cover data of employees.
    #[serde(rename = "HrCertification")]
    HrCertification,
    /// An authority's approval, or a person's.
    #[serde(rename = "Approval")]
    Approval,
    /// The supervisory authority's authorisation (Art. 46(3)).
    #[serde(rename = "Authorisation")]
    Authorisation,
    /// The importer's binding commitments (Art. 46(2)(e), (f)).
    #[serde(rename = "BindingCommitments")]
    BindingCommitments,
    /// A derogation needs an end.
    #[serde(rename = "Expiry")]
    Expiry,
    /// Authority and data subjects must be informed (Art. 49(1) second subparagraph).
    #[serde(rename = "Information")]
    Information,
}

/// A statement with its source: obligation, clause of the agreement, article, instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground<'a> {
    /// What the agreement obliges to.
    pub obligation: Option<Obligation>,
    /// Where the agreement says it.
    pub clause: Option<&'a Citation>,
    /// Article or guideline.
    pub article: Option<&'static str>,
    /// Name of the instrument in the register.
    pub instrument: Option<&'a str>,
    /// The interpretation setting that decided.
    pub setting: Option<Setting>,
    /// What it says.
    pub says: Sentence<'a>,
}

impl<'a> Ground<'a> {
    /// A statement without a source yet.
    pub(crate) fn new(says: Sentence<'a>) -> Self {
        Self { obligation: None, clause: None, article: None, instrument: None, setting: None, says }
    }

    pub(crate) fn article(self, article: &'static str) -> Self {
        Self { article: Some(article), ..self }
    }

    pub(crate) fn instrument(self, name: &'a str) -> Self {
        Self { instrument: Some(name), ..self }
    }

    pub(crate) fn obligation(self, id: Obligation) -> Self {
        Self { obligation: Some(id), ..self }
    }

    pub(crate) fn setting(self, setting: Setting) -> Self {
        Self { setting: Some(setting), ..self }
    }
}

/// An observation that changes no outcome by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Note<'a> {
    /// Stable name.
    pub code: NoteCode,
    /// What it says.
    pub says: Sentence<'a>,
}

/// Stable names of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NoteCode {
    /// Evidence shows a worse place than the attested one; the worse counts.
    #[serde(rename = "LocationConflict")]
    LocationConflict,
    /// Evidence neither confirms nor contradicts the attested place.
    #[serde(rename = "LocationUncorroborated")]
    LocationUncorroborated,
    /// An entity of a third country could reach the data; not a transfer by itself
    /// (T-354/22, Bindl).
    #[serde(rename = "ThirdCountryAccessRisk")]
    ThirdCountryAccessRisk,
    /// A category that Annex 1 does not name is held, declared or assumed; whether it is sent is
    /// not seen.
    #[serde(rename = "HeldOutsideAgreement")]
    HeldOutsideAgreement,
    /// A category was seen at this workload within 30 days, and a policy does not let it count here.
    #[serde(rename = "HoldingNarrowed")]
    HoldingNarrowed,
    /// A category was matched in what was sent, but neither validated nor in enough records to count as seen.
    #[serde(rename = "UncertainMatches")]
    UncertainMatches,
    /// Facts about the recipient are older than they may be; of transfers within the EEA only a note.
    #[serde(rename = "StaleFacts")]
    StaleFacts,
    /// A transition period runs; it is no basis (SCH-TRANS).
    #[serde(rename = "TransitionIsNoBasis")]
    TransitionIsNoBasis,
    /// Some of what was sent was plaintext that no reader parsed, so that finding nothing proves nothing.
    #[serde(rename = "PlaintextNotRead")]
    PlaintextNotRead,
    /// The ClientHello carried Encrypted Client Hello, real or not; its name alone proves nothing.
    #[serde(rename = "EncryptedClientHello")]
    EncryptedClientHello,
}

/// The places of a transfer that have the same outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceVerdict {
    /// The outcome there.
    pub outcome: Outcome,
    /// The places that are named.
    pub places: JurisdictionSet,
    /// Whether any other place is among them, because one is not named.
    pub anywhere: bool,
}

/// The judgment of one hop of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct HopVerdict<'a> {
    /// Legal name of the exporter.
    pub exporter: &'a str,
    /// Legal name of the importer.
    pub importer: &'a str,
    /// Third countries and other places that the hop reaches.
    pub places: JurisdictionSet,
    /// Whether it may reach any other place, because one is not named.
    pub anywhere: bool,
    /// The outcome of the hop.
    pub outcome: Outcome,
    /// Names of the bases that carry it.
    pub bases: Names<'a>,
}
