//! What a judgment says: outcome, reasons, what is missing, and on what it rests.

use jiff::Timestamp;
use landfall_observation::JurisdictionSet;
use serde::Serialize;

use crate::{Categories, Names, Sentence, Setting, Sighting};

/// The outcomes from best to worst; `Ord` follows that order, so that the worse of two is their
/// maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    /// No personal data.
    NotPersonal,
    /// Personal data, but it stays where the GDPR applies.
    IntraEea,
    /// No transfer in the sense of Chapter V (EDPB Guidelines 05/2021).
    NotATransfer,
    /// A transfer with a basis that is whole.
    Permitted,
    /// A transfer with a fitting basis that lacks something a person can fetch.
    Conditional,
    /// The evidence does not suffice. Never counts as permitted.
    Unknown,
    /// It may not happen.
    Unlawful,
}

/// The judgment of one edge at one instant. It borrows names and texts from the ruleset and the edge,
/// so that a judgment costs next to nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict<'a> {
    /// What it comes to.
    pub outcome: Outcome,
    /// Names of the bases that carry the transfer, first hop first.
    pub bases: Names<'a>,
    /// Everything that speaks against a better outcome, the worst first.
    pub reasons: Vec<Reason<'a>>,
    /// What a person can go and fetch.
    pub missing: Vec<Missing<'a>>,
    /// On what the outcome rests.
    pub grounds: Vec<Ground<'a>>,
    /// What was noticed besides; changes no outcome.
    pub notes: Vec<Note<'a>>,
    /// What is transferred, as far as it is known.
    pub categories: KnownCategories<'a>,
    /// Where and when the categories were seen before, if they are held: the sightings that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<&'a Sighting>,
    /// Where it is processed, and how sure that is.
    pub location: LocationFinding,
    /// The hops of the chain, first hop first.
    pub chain: Vec<HopVerdict<'a>>,
    /// As of which instant it was judged.
    pub at: Timestamp,
    /// The next instant at which something that it looked at changes by itself, so that it must be
    /// judged again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<Timestamp>,
    /// Version of the ruleset.
    pub ruleset: &'a str,
}

/// Categories and the rung by which they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KnownCategories<'a> {
    /// The rung.
    pub rung: Rung,
    /// The categories.
    pub categories: Categories<'a>,
}

/// The rungs of the ladder of categories, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Seen in this flow or topic.
    Seen,
    /// Seen at this workload within 30 days.
    Held,
    /// Declared on the workload.
    Declared,
    /// What the register says of the recipient.
    Assumed,
    /// Nothing is known.
    None,
}

/// Where the first hop processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationFinding {
    /// The places that count, after evidence worsened the attested ones.
    pub jurisdictions: JurisdictionSet,
    /// Whether the provider names no place.
    pub anywhere: bool,
    /// How sure that is.
    pub certainty: Certainty,
}

/// How sure a place is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Attested, and published ranges or the network's operator agree.
    Corroborated,
    /// Attested, and evidence speaks neither for nor against (anycast, content delivery, none).
    Uncorroborated,
    /// Attested, and evidence says worse.
    Conflict,
    /// Not attested; a published range or the network's operator says so.
    Observed,
    /// Not attested; a country database hints at it.
    Hint,
    /// Nothing says anything.
    #[default]
    Unknown,
}

/// One thing that speaks against a better outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason<'a> {
    /// The outcome that it leads to.
    pub effect: Outcome,
    /// Stable name.
    pub code: ReasonCode,
    /// Where it stands in agreement and law, and the sentence.
    #[serde(flatten)]
    pub ground: Ground<'a>,
}

/// Stable names of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum ReasonCode {
    /// The recipient is in no register entry that Annex 3 lists (SUB-LIST).
    UnregisteredRecipient,
    /// The sub-processor is optional and was not switched on.
    NotActivated,
    /// The objection period has not ended (SUB-FREEZE).
    ObjectionPeriodRunning,
    /// A category that Annex 1 does not name (AVV-SCOPE).
    CategoryOutsideAgreement,
    /// No basis covers a hop to a third country (TRF-GATE).
    NoBasis,
    /// A basis covered it and does so no more.
    BasisFallen,
    /// There is an instrument, but it does not fit this transfer.
    BasisDoesNotFit,
    /// The impact assessment says that the transfer must end.
    AssessmentNotAcceptable,
    /// A measure of Annex 2 is not met on the wire (TOM).
    MeasureNotMet,
    /// The policy allows less than the law.
    OutsidePolicy,
    /// Several names are live for the address and belong to different recipients.
    AmbiguousName,
    /// The sub-processor is switched on per tenant, and the workload's tenant is not known.
    TenantUnknown,
    /// No rung tells which categories are sent.
    CategoriesUnknown,
    /// The place is one that a person must look at.
    TerritoryReview,
    /// The policy counts what cannot be read as unknown.
    Opaque,
    /// The ruleset does not hold the agreement.
    AgreementUnknown,
    /// The sub-processor must not be used any more.
    EngagementEnded,
    /// The data of one controller goes to another.
    OtherController,
    /// A derogation does not carry recurring transfers (Art. 49).
    Recurring,
    /// There are more recipients than are kept apart, and which of them it was is not known.
    TooManyRecipients,
    /// The address was recorded truncated, and prefixes of the register lie within: whether it is in one of them is not
    /// known.
    AddressTruncated,
}

/// Something a person can go and fetch, and the outcome gets better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missing<'a> {
    /// Stable name.
    pub code: MissingCode,
    /// For which entity or instrument.
    pub subject: &'a str,
    /// Where it stands in law, and what to do.
    #[serde(flatten)]
    pub ground: Ground<'a>,
}

/// Stable names of missing things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum MissingCode {
    /// The SCC are not signed.
    Signature,
    /// Annexes I to III of the SCC are not filled in.
    Annexes,
    /// There is no transfer impact assessment.
    ImpactAssessment,
    /// The assessment is older than it may be, or past its review date.
    AssessmentRefresh,
    /// The assessment has no outcome yet.
    AssessmentOutcome,
    /// The DPF list was not looked at lately.
    DpfCheck,
    /// The recipients further down the chain are not known.
    OnwardList,
    /// A legal fact is older than it may be.
    FreshLegalData,
    /// The register does not hold the act on which an instrument rests.
    LegalAct,
    /// Whether the importer falls within the scope of the decision.
    ScopeConfirmation,
    /// The certification does not cover data of employees.
    HrCertification,
    /// An authority's approval, or a person's.
    Approval,
    /// The supervisory authority's authorisation (Art. 46(3)).
    Authorisation,
    /// The importer's binding commitments (Art. 46(2)(e), (f)).
    BindingCommitments,
    /// A derogation needs an end.
    Expiry,
    /// Authority and data subjects must be informed (Art. 49(1) second subparagraph).
    Information,
}

/// Where something stands: obligation, the agreement's clause, article, instrument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ground<'a> {
    /// Obligation id, such as `SUB-LIST` (docs/glossary.md lists them).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obligation: Option<&'static str>,
    /// Citation of the agreement, such as `L36`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<&'a str>,
    /// Article or guideline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<&'static str>,
    /// Name of the instrument in the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<&'a str>,
    /// The interpretation setting that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// The sentence; serialized in English as `text`.
    #[serde(rename = "text")]
    pub says: Sentence<'a>,
}

impl<'a> Ground<'a> {
    /// A sentence that stands nowhere yet.
    pub(crate) fn new(says: Sentence<'a>) -> Self {
        Self { obligation: None, clause: None, article: None, instrument: None, setting: None, says }
    }

    pub(crate) fn article(self, article: &'static str) -> Self {
        Self { article: Some(article), ..self }
    }

    pub(crate) fn instrument(self, name: &'a str) -> Self {
        Self { instrument: Some(name), ..self }
    }

    pub(crate) fn obligation(self, id: &'static str) -> Self {
        Self { obligation: Some(id), ..self }
    }

    pub(crate) fn setting(self, setting: Setting) -> Self {
        Self { setting: Some(setting), ..self }
    }
}

/// Something noticed that changes no outcome by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Note<'a> {
    /// Stable name.
    pub code: NoteCode,
    /// The sentence; serialized in English as `text`.
    #[serde(rename = "text")]
    pub says: Sentence<'a>,
}

/// Stable names of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum NoteCode {
    /// Evidence says a worse place than the attested one; the worse counts.
    LocationConflict,
    /// Evidence neither confirms nor contradicts the attested place.
    LocationUncorroborated,
    /// An entity of a third country could reach the data; not a transfer by itself
    /// (T-354/22, Bindl).
    ThirdCountryAccessRisk,
    /// A category that Annex 1 does not name is held, declared or assumed; whether it is sent is
    /// not seen.
    HeldOutsideAgreement,
    /// A category was seen at this workload within 30 days, and a policy does not let it count here.
    HoldingNarrowed,
    /// Facts about the recipient are older than they may be; of transfers within the EEA only a note.
    StaleFacts,
    /// A transition period runs; it is no basis (SCH-TRANS).
    TransitionIsNoBasis,
    /// Some of what was sent was in the clear by its bytes, and no reader looked at it: that nothing was found says
    /// nothing.
    PlaintextNotRead,
    /// The ClientHello carried Encrypted Client Hello, real or not; its name alone proves nothing.
    EncryptedClientHello,
}

/// The judgment of one hop of the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HopVerdict<'a> {
    /// Legal name of the exporter.
    pub exporter: &'a str,
    /// Legal name of the importer.
    pub importer: &'a str,
    /// Third countries and other places that the hop reaches.
    pub places: JurisdictionSet,
    /// Whether it may reach any place besides: one is not named.
    pub anywhere: bool,
    /// What it comes to.
    pub outcome: Outcome,
    /// Names of the bases that carry it.
    pub bases: Names<'a>,
}
