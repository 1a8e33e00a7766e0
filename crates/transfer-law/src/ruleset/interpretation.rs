use serde::{Deserialize, Serialize};

/// How an agreement's silences and ambiguities are read. Each reading shows in the grounds where it
/// decided something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpretation {
    /// Days after which a legal fact is stale and degrades Permitted to Conditional.
    pub legal_data_max_age_days: u16,
    /// Days after which the DPF list must be looked at again.
    pub dpf_check_max_age_days: u16,
    /// Days after which a transfer impact assessment is stale, where it names no review date.
    pub assessment_max_age_days: u16,
    /// Whose data counts as HR data under the DPF.
    pub hr_data: HrData,
    /// What starts SCH-INF and SCH-ASS.
    pub schrems_start: SchremsStart,
    /// What starts SCH-TRANS.
    pub transition_start: TransitionStart,
    /// Whether SCH-INF and SCH-ASS run also for a development that does not concern the United
    /// States, of which alone L47-L50 speak.
    pub inform_on_any_country: bool,
    /// What counts as knowledge of a breach.
    pub breach_awareness: BreachAwareness,
    /// When a message counts as received.
    pub receipt: ReceiptReading,
    /// What it takes to switch on an optional sub-processor for one controller.
    pub optional_activation: OptionalActivation,
}

/// Whose data counts as HR data under the DPF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HrData {
    /// Any employee's, as European authorities read it.
    #[default]
    #[serde(rename = "European")]
    European,
    /// That of the certified company's own staff only.
    #[serde(rename = "UnitedStates")]
    UnitedStates,
}

/// What starts the periods of SCH-INF and SCH-ASS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SchremsStart {
    /// The pronouncement, or the processor's knowledge if that comes first.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransitionStart {
    /// The written finding that processing cannot lawfully go on, at the latest the end of SCH-ASS.
    #[default]
    #[serde(rename = "Finding")]
    Finding,
    /// The pronouncement, or the later day on which the act ceases to apply.
    #[serde(rename = "Pronouncement")]
    Pronouncement,
}

/// What counts as knowledge of a breach (BR-FIRST).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BreachAwareness {
    /// The alert of one's own monitor.
    #[default]
    #[serde(rename = "Alert")]
    Alert,
    /// A person's confirmation.
    #[serde(rename = "Triage")]
    Triage,
}

/// When a message counts as received (§ 130 BGB).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptReading {
    /// When it can be read within business hours, else on the next business day.
    #[default]
    #[serde(rename = "BusinessHours")]
    BusinessHours,
    /// When it arrives.
    #[serde(rename = "AnyHour")]
    AnyHour,
}

/// What it takes to switch on an optional sub-processor for one controller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionalActivation {
    /// An instruction of that controller (L171, L175).
    #[default]
    #[serde(rename = "Instruction")]
    Instruction,
    /// A notice of change and its objection period (SUB-NOTE, SUB-OBJ).
    #[serde(rename = "ChangeNotice")]
    ChangeNotice,
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
