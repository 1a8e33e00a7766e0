use landfall_observation::{
    BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart,
};
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
