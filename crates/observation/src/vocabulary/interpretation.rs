//! How gaps and ambiguities of the law and of an agreement can be interpreted. The default is the reading of the
//! authorities or the cautious one, and says why.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// How silences and ambiguities of an agreement are read. A judgment names each setting that decided
/// something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interpretation {
    /// Days after which a legal fact is stale, so that a transfer that rests on it is Conditional. No
    /// text names a number; 180 days let no half-yearly review be missed.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub legal_data_max_age_days: u16,
    /// Days after which the list of the Data Privacy Framework must be looked at again. Listings are
    /// renewed every year and can be withdrawn at any time; 90 days make the check a quarterly one.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub dpf_check_max_age_days: u16,
    /// Days after which a transfer impact assessment is stale where it names no day of review. Clause
    /// 14 asks for one at any change and names no interval; 365 days are the usual one.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub assessment_max_age_days: u16,
    /// Whose data counts as HR data under the Data Privacy Framework.
    pub hr_data: HrData,
    /// What starts the periods to inform (SCH-INF) and to assess (SCH-ASS) after a judgment or change
    /// of law, where the agreement does not say.
    pub schrems_start: SchremsStart,
    /// What starts the transition (SCH-TRANS), where the agreement says only that processing is no longer
    /// lawfully possible.
    pub transition_start: TransitionStart,
    /// Whether the periods to inform and to assess also run for a development that does not concern
    /// the United States. Where the agreement speaks of the United States only, `true` goes beyond it, because
    /// the controller needs to know in the same way.
    pub inform_on_any_country: bool,
    /// What counts as knowledge of a breach (BR-FIRST).
    pub breach_awareness: BreachAwareness,
    /// When a message counts as received (section 130 BGB; SUB-OBJ).
    pub receipt: ReceiptReading,
    /// What it takes to switch on an optional sub-processor, or another region, for one controller.
    pub optional_activation: OptionalActivation,
}

impl Default for Interpretation {
    fn default() -> Self {
        Self {
            legal_data_max_age_days: 180,
            dpf_check_max_age_days: 90,
            assessment_max_age_days: 365,
            hr_data: HrData::default(),
            schrems_start: SchremsStart::default(),
            transition_start: TransitionStart::default(),
            inform_on_any_country: true,
            breach_awareness: BreachAwareness::default(),
            receipt: ReceiptReading::default(),
            optional_activation: OptionalActivation::default(),
        }
    }
}

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
