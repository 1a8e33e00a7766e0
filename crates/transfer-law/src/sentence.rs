//! The statements of a verdict as data: put into words, in the reader's language, when they are read.

mod argument;
mod codes;
mod english;
mod german;

use std::{borrow::Cow, collections::BTreeSet, fmt};

use jiff::Timestamp;
use landfall_observation::{Jurisdiction, LocationEvidence};
use serde::{Deserialize, Serialize};

use crate::{
    BreachAwareness, Counterpart, DeclaredPrefix, HrData, OptionalActivation, ReceiptReading, SchremsStart,
    TransitionStart,
};

pub use codes::Sentence;

/// A language of explanations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

/// A destination for which a hop needs a basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Place {
    /// A country or territory.
    In(Jurisdiction),
    /// The provider names no place.
    Anywhere,
    /// An international organisation, wherever it is.
    Organisation,
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::In(jurisdiction) => jurisdiction.to_string(),
            Place::Anywhere => "anywhere".to_owned(),
            Place::Organisation => "organisation".to_owned(),
        }
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "anywhere" => Ok(Self::Anywhere),
            "organisation" => Ok(Self::Organisation),
            country => country.parse().map(Self::In).map_err(|error| format!("{country:?}: {error}")),
        }
    }
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

/// What requires a version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asks {
    /// Annex 2 of the agreement, for all or for this sub-processor.
    Agreement,
    /// A TransferPolicy.
    Policy,
}

/// How and when an instrument ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InstrumentEnd {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "value", rename_all = "camelCase")]
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

/// A sentence in a language.
#[derive(Debug)]
pub struct LocalizedSentence<'s, 'a> {
    sentence: &'s Sentence<'a>,
    language: Language,
}

impl<'a> Sentence<'a> {
    /// The sentence in `language`.
    pub fn in_language<'s>(&'s self, language: Language) -> LocalizedSentence<'s, 'a> {
        LocalizedSentence { sentence: self, language }
    }
}

impl fmt::Display for LocalizedSentence<'_, '_> {
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

/// As the field and value of the object, such as `hrData: European`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LegalDataMaxAgeDays(days) => write!(f, "legalDataMaxAgeDays: {days}"),
            Self::DpfCheckMaxAgeDays(days) => write!(f, "dpfCheckMaxAgeDays: {days}"),
            Self::AssessmentMaxAgeDays(days) => write!(f, "assessmentMaxAgeDays: {days}"),
            Self::HrData(reading) => write!(f, "hrData: {reading}"),
            Self::SchremsStart(reading) => write!(f, "schremsStart: {reading}"),
            Self::TransitionStart(reading) => write!(f, "transitionStart: {reading}"),
            Self::InformOnAnyCountry(on) => write!(f, "informOnAnyCountry: {on}"),
            Self::BreachAwareness(reading) => write!(f, "breachAwareness: {reading}"),
            Self::Receipt(reading) => write!(f, "receipt: {reading}"),
            Self::OptionalActivation(reading) => write!(f, "optionalActivation: {reading}"),
        }
    }
}

/// Items separated by commas, without a string in between.
struct CommaSeparated<I>(I);

impl<I: IntoIterator<Item: fmt::Display> + Clone> fmt::Display for CommaSeparated<I> {
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

/// The sources of evidence: cloud and region, network, or dataset.
fn sources(evidence: &[Cow<'_, LocationEvidence>]) -> String {
    let names: BTreeSet<String> = evidence
        .iter()
        .map(|item| match (&item.cloud, item.asn) {
            (Some(cloud), _) => format!("{} {}", cloud.provider, cloud.region),
            (None, Some(asn)) => format!("AS{asn}"),
            (None, None) => item.dataset.clone(),
        })
        .collect();
    CommaSeparated(&names).to_string()
}

/// An instant to the second; fractions would only distract.
struct WholeSecond(Timestamp);

impl fmt::Display for WholeSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%FT%TZ"))
    }
}

/// The other side of what was seen, with endpoint and port.
struct SeenWith<'a> {
    recipient: &'a str,
    endpoint: &'a str,
    port: u16,
}

impl fmt::Display for SeenWith<'_> {
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
struct PrefixWithOwner<'a>(&'a DeclaredPrefix, [&'static str; 3]);

impl fmt::Display for PrefixWithOwner<'_> {
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
