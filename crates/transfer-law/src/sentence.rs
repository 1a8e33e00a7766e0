//! What a verdict says, as data: rendered in the reader's language when somebody reads it.

mod english;
mod german;

use std::{collections::BTreeSet, fmt};

use ipnet::IpNet;
use jiff::{Timestamp, civil::Date};
use landfall_observation::{DataCategory, Jurisdiction, JurisdictionSet, LocationEvidence, TlsVersion};
use serde::{Serialize, Serializer};

use crate::{
    BreachAwareness, Categories, Counterpart, DeclaredPrefix, HrData, OptionalActivation, ReceiptReading, Rung,
    SchremsStart, SeenPlace, TransitionStart,
};

/// A language of explanations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

/// A place outside the EEA that a hop reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A country or territory.
    In(Jurisdiction),
    /// The provider names no place.
    Anywhere,
    /// An international organisation, wherever it is.
    Organisation,
}

impl Place {
    /// The country, where it is one.
    pub(crate) fn country(self) -> Option<Jurisdiction> {
        match self {
            Self::In(jurisdiction) => Some(jurisdiction),
            Self::Anywhere | Self::Organisation => None,
        }
    }
}

/// Who asks for a version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Annex 2 of the agreement, for all or for this sub-processor.
    Agreement,
    /// A TransferPolicy.
    Policy,
}

/// How an instrument ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallen {
    /// By a judgment of this instant, from the start.
    Annulled(Timestamp),
    /// From this instant on.
    Repealed(Timestamp),
    /// Since this instant.
    Suspended(Timestamp),
    /// At this instant.
    Expired(Timestamp),
}

/// An interpretation setting with its value (`spec.interpretation` of a ProcessingAgreement).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of crate::Interpretation of that name")]
pub enum Setting {
    LegalDataMaxAgeDays(u16),
    DpfCheckMaxAgeDays(u16),
    AssessmentMaxAgeDays(u16),
    HrData(HrData),
    SchremsStart(SchremsStart),
    TransitionStart(TransitionStart),
    InformOnAnyCountry(bool),
    BreachAwareness(BreachAwareness),
    Receipt(ReceiptReading),
    OptionalActivation(OptionalActivation),
}

/// Everything that a judgment can say.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is spelled out in sentence/english.rs")]
pub enum Sentence<'a> {
    // What is judged
    AgreementUnknown {
        agreement: &'a str,
    },
    DeclaredNotPersonal {
        reason: &'a str,
    },
    CollectedFromDataSubject,
    OwnNetwork {
        operator: &'a str,
        jurisdiction: Jurisdiction,
    },
    OwnBranch {
        jurisdiction: Jurisdiction,
    },
    NoConnection,
    // Who receives
    NotListed {
        recipient: &'a str,
    },
    Unregistered {
        label: &'a str,
        rung: Rung,
        categories: Categories<'a>,
        remote_access: bool,
    },
    NoCandidateListed {
        candidates: &'a [String],
        categories: Categories<'a>,
    },
    Ambiguous {
        candidates: &'a [String],
    },
    TooManyRecipients,
    AddressTruncated {
        address: IpNet,
        candidates: &'a [DeclaredPrefix],
    },
    SentToTruncated {
        address: IpNet,
        categories: Categories<'a>,
    },
    SentToUnregisteredAmongMany {
        categories: Categories<'a>,
        remote_access: bool,
    },
    OtherController {
        controller: &'a str,
        tenants: Vec<&'a str>,
        seen: bool,
    },
    OptionalNotActive {
        recipient: &'a str,
    },
    OptionalWithoutNotice {
        recipient: &'a str,
    },
    TenantUnknown {
        recipient: &'a str,
    },
    NotActiveFor {
        recipient: &'a str,
        tenants: Vec<&'a str>,
    },
    ObjectionPeriod {
        recipient: &'a str,
        until: Timestamp,
    },
    Ended {
        recipient: &'a str,
        from: Timestamp,
    },
    // What is sent, and how
    HeldSince {
        categories: Vec<&'a DataCategory>,
        place: Option<&'a SeenPlace>,
        since: Timestamp,
    },
    HeldElsewhere {
        places: usize,
    },
    HoldingNarrowed {
        categories: Vec<&'a DataCategory>,
        policies: Vec<&'a str>,
    },
    CategoriesUnknown {
        recipient: &'a str,
    },
    SentOutsideAnnex1 {
        categories: Vec<&'a DataCategory>,
    },
    HeldOutsideAnnex1 {
        categories: BTreeSet<&'a DataCategory>,
    },
    PolicyForbidsCategories {
        categories: Vec<&'a DataCategory>,
    },
    PolicyForbidsPlaces {
        places: JurisdictionSet,
    },
    PolicyWantsPlaces {
        importer: &'a str,
    },
    Opaque,
    TlsBelow {
        versions: Vec<TlsVersion>,
        minimum: TlsVersion,
        asks: Asks,
    },
    InTheClear {
        minimum: TlsVersion,
        asks: Asks,
    },
    NotReadInTheClear {
        minimum: TlsVersion,
        asks: Asks,
    },
    PlaintextNotRead,
    EncryptedClientHello,
    // Where
    LocationConflict {
        attested: &'a JurisdictionSet,
        evidence: Vec<&'a LocationEvidence>,
        worse: JurisdictionSet,
    },
    LocationUnconfirmed {
        attested: &'a JurisdictionSet,
    },
    LocationNoWorse {
        attested: &'a JurisdictionSet,
        evidence: Vec<&'a LocationEvidence>,
        elsewhere: JurisdictionSet,
    },
    IntraEea {
        importer: &'a str,
    },
    ParentAbroad {
        entity: &'a str,
        seat: Jurisdiction,
    },
    TerritoryReview {
        jurisdiction: Jurisdiction,
    },
    // The chain
    OnwardList {
        recipient: &'a str,
    },
    NoBasis {
        exporter: &'a str,
        importer: &'a str,
        place: Place,
    },
    Carries {
        basis: &'a str,
        dpv: Option<&'a str>,
        exporter: &'a str,
        importer: &'a str,
        place: Place,
        /// Of which categories alone; `None`: of all.
        categories: Option<Vec<&'a DataCategory>>,
    },
    CarriesOnce {
        basis: &'a str,
        dpv: Option<&'a str>,
        exporter: &'a str,
        importer: &'a str,
        place: Place,
        /// Of which categories alone; `None`: of all.
        categories: Option<Vec<&'a DataCategory>>,
    },
    // Any instrument
    DoesNotCover {
        basis: &'a str,
        categories: Vec<&'a DataCategory>,
    },
    Fallen {
        basis: &'a str,
        how: Fallen,
        development: Option<&'a str>,
    },
    NotYet {
        basis: &'a str,
        from: Timestamp,
    },
    StaleFacts {
        subject: &'a str,
        as_of: Date,
        limit: u16,
    },
    ActUnknown {
        basis: &'a str,
        decision: &'a str,
    },
    TransitionIsNoBasis {
        development: &'a str,
    },
    // Adequacy and the DPF
    ConfirmScope {
        decision: &'a str,
        regime: &'a str,
        importer: &'a str,
    },
    OutOfScope {
        decision: &'a str,
        regime: &'a str,
        importer: &'a str,
    },
    NotOnDpfList {
        basis: &'a str,
        checked: Date,
    },
    DpfHrOnly {
        basis: &'a str,
    },
    DpfWithoutHr {
        basis: &'a str,
    },
    DpfCheck {
        basis: &'a str,
        checked: Date,
        limit: u16,
    },
    // Appropriate safeguards
    WrongModule {
        basis: &'a str,
        needed: u8,
        agreed: &'a BTreeSet<u8>,
    },
    ImporterUnderGdpr {
        basis: &'a str,
        importer: &'a str,
    },
    ModuleNotOffered {
        basis: &'a str,
        decision: &'a str,
        module: u8,
    },
    DeadClauses {
        basis: &'a str,
        decision: &'a str,
        until: Option<Timestamp>,
    },
    Sign {
        basis: &'a str,
    },
    FillAnnexes {
        basis: &'a str,
        module: u8,
    },
    WrongBcr {
        basis: &'a str,
    },
    GetApproval {
        basis: &'a str,
    },
    GetCommitments {
        basis: &'a str,
    },
    GetAuthorisation {
        basis: &'a str,
    },
    PublicBodiesOnly {
        basis: &'a str,
    },
    OrderWithoutTreaty {
        basis: &'a str,
    },
    TreatyWithoutSafeguards {
        basis: &'a str,
        treaty: &'a str,
    },
    // Derogations
    Recurring {
        basis: &'a str,
        occurrences: u64,
        limit: Option<u32>,
    },
    NotForPublicBodies {
        basis: &'a str,
    },
    ApproveDerogation {
        basis: &'a str,
    },
    LimitDerogation {
        basis: &'a str,
    },
    InformAboutDerogation {
        basis: &'a str,
    },
    // Assessments
    Assess {
        basis: &'a str,
    },
    AssessThisImporter {
        basis: &'a str,
        assessment: &'a str,
        importer: &'a str,
    },
    AssessCountry {
        basis: &'a str,
        assessment: &'a str,
        place: Jurisdiction,
    },
    NamePlaces {
        basis: &'a str,
        assessment: &'a str,
    },
    MustEndAfter {
        assessment: &'a str,
        development: &'a str,
    },
    MustEnd {
        assessment: &'a str,
        decided: Date,
    },
    MeasuresIneffective {
        assessment: &'a str,
    },
    FinishAssessment {
        basis: &'a str,
        assessment: &'a str,
    },
    AssessedLater {
        basis: &'a str,
        assessment: &'a str,
        decided: Date,
    },
    RefreshAssessment {
        basis: &'a str,
        assessment: &'a str,
        decided: Date,
    },
    RefreshAfter {
        basis: &'a str,
        assessment: &'a str,
        development: &'a str,
    },
}

/// A sentence in a language.
#[derive(Debug)]
pub struct Spoken<'s, 'a> {
    sentence: &'s Sentence<'a>,
    language: Language,
}

impl<'a> Sentence<'a> {
    /// The sentence in `language`.
    pub fn in_language<'s>(&'s self, language: Language) -> Spoken<'s, 'a> {
        Spoken { sentence: self, language }
    }
}

impl fmt::Display for Spoken<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.language {
            Language::English => english::write(self.sentence, f),
            Language::German => german::write(self.sentence, f),
        }
    }
}

/// In English.
impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        english::write(self, f)
    }
}

impl Serialize for Sentence<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As the field and value of the object, such as `hrData: European`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LegalDataMaxAgeDays(days) => write!(f, "legalDataMaxAgeDays: {days}"),
            Self::DpfCheckMaxAgeDays(days) => write!(f, "dpfCheckMaxAgeDays: {days}"),
            Self::AssessmentMaxAgeDays(days) => write!(f, "assessmentMaxAgeDays: {days}"),
            Self::HrData(reading) => write!(f, "hrData: {reading:?}"),
            Self::SchremsStart(reading) => write!(f, "schremsStart: {reading:?}"),
            Self::TransitionStart(reading) => write!(f, "transitionStart: {reading:?}"),
            Self::InformOnAnyCountry(on) => write!(f, "informOnAnyCountry: {on}"),
            Self::BreachAwareness(reading) => write!(f, "breachAwareness: {reading:?}"),
            Self::Receipt(reading) => write!(f, "receipt: {reading:?}"),
            Self::OptionalActivation(reading) => write!(f, "optionalActivation: {reading:?}"),
        }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Items separated by commas, without a string in between.
struct Listed<I>(I);

impl<I: IntoIterator<Item: fmt::Display> + Clone> fmt::Display for Listed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.clone().into_iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{item}")?;
        }
        Ok(())
    }
}

/// Who says so: cloud and region, network, or dataset.
fn sources(evidence: &[&LocationEvidence]) -> String {
    let names: BTreeSet<String> = evidence
        .iter()
        .map(|item| match (&item.cloud, item.asn) {
            (Some(cloud), _) => format!("{} {}", cloud.provider, cloud.region),
            (None, Some(asn)) => format!("AS{asn}"),
            (None, None) => item.dataset.clone(),
        })
        .collect();
    Listed(&names).to_string()
}

/// An instant to the second: what packets tell more exactly, nobody needs to know more exactly.
struct Second(Timestamp);

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%FT%TZ"))
    }
}

/// The other side of what was seen, with endpoint and port.
struct Peer<'a> {
    recipient: &'a str,
    endpoint: &'a str,
    port: u16,
}

impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipient, endpoint, port } = *self;
        f.write_str(recipient)?;
        if !endpoint.is_empty() {
            write!(f, "/{endpoint}")?;
        }
        if port == 0 { Ok(()) } else { write!(f, ", port {port}") }
    }
}

/// A declared prefix, who it stands for, and since when, with the words of a language for the date, own networks and
/// data subjects.
struct Inside<'a>(&'a DeclaredPrefix, [&'static str; 3]);

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(DeclaredPrefix { prefix, stands_for, as_of }, [dated, own, subjects]) = self;
        write!(f, "{prefix} (")?;
        match stands_for {
            Counterpart::Registered { recipient, endpoint } => write!(f, "{recipient}/{endpoint}")?,
            Counterpart::OwnNetwork { operator, .. } => write!(f, "{own}: {operator}")?,
            Counterpart::DataSubject => f.write_str(subjects)?,
            other => f.write_str(&other.recipient())?,
        }
        as_of.map_or(Ok(()), |date| write!(f, ", {dated} {date}"))?;
        f.write_str(")")
    }
}

/// A DPV identifier in brackets, where there is one.
struct Dpv<'a>(Option<&'a str>);

impl fmt::Display for Dpv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |id| write!(f, " ({id})"))
    }
}
