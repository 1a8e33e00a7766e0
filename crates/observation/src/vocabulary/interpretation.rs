//! How gaps and ambiguities of the law and of an agreement can be interpreted. The default is the reading of the
//! authorities or the cautious one, and says why.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// How gaps and ambiguities of an agreement are interpreted. A judgment names each setting on which it
/// depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interpretation {
    /// Days after which a legal fact is stale, so that a transfer that rests on it is Conditional. No
    /// legal text names a number; 180 days require a review every half year.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub legal_data_max_age_days: u16,
    /// Days after which the list of the Data Privacy Framework must be checked again. Listings are
    /// renewed every year and can be withdrawn at any time; 90 days require a quarterly check.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub dpf_check_max_age_days: u16,
    /// Days after which a transfer impact assessment without a review date is stale. Clause 14 requires
    /// a review after any change and names no interval; 365 days are usual.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub assessment_max_age_days: u16,
    /// Whose data counts as HR data under the Data Privacy Framework.
    pub hr_data: HrData,
    /// What starts the periods to inform (SCH-INF) and to assess (SCH-ASS) after a judgment or change
    /// of law, if the agreement does not specify it.
    pub schrems_start: SchremsStart,
    /// What starts the transition (SCH-TRANS), if the agreement says only that processing is no longer
    /// lawfully possible.
    pub transition_start: TransitionStart,
    /// Whether the periods to inform and to assess also run for a development that does not concern
    /// the United States. If the agreement mentions only the United States, `true` goes beyond it, because
    /// the controller has the same need to know.
    pub inform_on_any_country: bool,
    /// What counts as knowledge of a breach (BR-FIRST).
    pub breach_awareness: BreachAwareness,
    /// When a message counts as received (section 130 BGB; SUB-OBJ).
    pub receipt: ReceiptReading,
    /// What is needed to activate an optional sub-processor, or another region, for one controller.
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

/// Whose data counts as HR data under the Data Privacy Framework. There are two readings of the decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum HrData {
    /// Data of any employee, the reading of European authorities. The default, because it is stricter.
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
    /// The written finding that processing cannot lawfully continue, or the end of the period to assess if that is
    /// earlier. The default, because such clauses refer to the result of the assessment, not to its cause.
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
    /// The alert of the controller's or processor's own monitoring. The default, because a party is aware of what its
    /// own monitoring reports. A later review may classify the alert differently, but never restarts the period.
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
    /// An instruction of that controller. The default, because an optional sub-processor is listed for use on the
    /// controller's decision.
    #[default]
    #[serde(rename = "Instruction")]
    Instruction,
    /// A notice of change and its period of objection (SUB-NOTE, SUB-OBJ).
    #[serde(rename = "ChangeNotice")]
    ChangeNotice,
}
