//! How gaps and ambiguities of the law and of an agreement can be interpreted. The default is the reading of the
//! authorities or the cautious one, and says why.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// Whose data counts as HR data under the Data Privacy Framework. The decision is read in two ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum HrData {
    /// Any employee's data, as European authorities read it. The default, because it is the stricter
    /// one.
    #[default]
    #[serde(rename = "European")]
    European,
    /// Only data of the certified company's own staff.
    #[serde(rename = "UnitedStates")]
    UnitedStates,
}

/// What starts the periods to inform and to assess.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum SchremsStart {
    /// The pronouncement, or the processor's knowledge if that comes first. The default, because no
    /// reading starts earlier.
    #[default]
    #[serde(rename = "EarlierOfPronouncementAndKnowledge")]
    EarlierOfPronouncementAndKnowledge,
    /// The pronouncement.
    #[serde(rename = "Pronouncement")]
    Pronouncement,
    /// The publication; where it is not known, the pronouncement.
    #[serde(rename = "Publication")]
    Publication,
    /// The processor's knowledge; where it is not known, the pronouncement.
    #[serde(rename = "Knowledge")]
    Knowledge,
}

/// What starts the transition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum TransitionStart {
    /// The written finding that processing cannot lawfully go on, at the latest the end of the period
    /// to assess. The default, because the text asks for that result and not for its cause.
    #[default]
    #[serde(rename = "Finding")]
    Finding,
    /// The pronouncement, or the later day on which the act ceases to apply: the cautious reading.
    #[serde(rename = "Pronouncement")]
    Pronouncement,
}

/// What counts as awareness of a breach (Art. 33 GDPR).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum BreachAwareness {
    /// The alert of the controller's or processor's own monitoring. The default, because whoever runs a monitor knows what
    /// it reports. A later review may judge the alert differently and never restarts the period.
    #[default]
    #[serde(rename = "Alert")]
    Alert,
    /// Confirmation by a person.
    #[serde(rename = "Triage")]
    Triage,
}

/// When a message counts as received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum ReceiptReading {
    /// When it arrives within business hours, otherwise on the next business day. The default, because it never ends the
    /// other party's period too early.
    #[default]
    #[serde(rename = "BusinessHours")]
    BusinessHours,
    /// When it arrives.
    #[serde(rename = "AnyHour")]
    AnyHour,
}

/// What is needed to use an optional sub-processor for one controller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum OptionalActivation {
    /// An instruction of that controller. The default, because the text lists it for use by the
    /// customer's configuration.
    #[default]
    #[serde(rename = "Instruction")]
    Instruction,
    /// A notice of change and its period of objection (SUB-NOTE, SUB-OBJ).
    #[serde(rename = "ChangeNotice")]
    ChangeNotice,
}
