use landfall_observation::{
    BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How silences and ambiguities of an agreement are read. A judgment names each setting that decided
/// something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Interpretation {
    /// Days after which a legal fact is stale, so that a transfer that rests on it is Conditional. No
    /// text names a number; 180 days let no half-yearly review be missed.
    #[schemars(range(min = 1, max = 3650))]
    pub legal_data_max_age_days: u16,
    /// Days after which the list of the Data Privacy Framework must be looked at again. Listings are
    /// renewed every year and can be withdrawn at any time; 90 days make the check a quarterly one.
    #[schemars(range(min = 1, max = 3650))]
    pub dpf_check_max_age_days: u16,
    /// Days after which a transfer impact assessment is stale where it names no day of review. Clause
    /// 14 asks for one at any change and names no interval; 365 days are the usual one.
    #[schemars(range(min = 1, max = 3650))]
    pub assessment_max_age_days: u16,
    /// Whose data counts as HR data under the Data Privacy Framework.
    pub hr_data: HrData,
    /// What starts the periods to inform (SCH-INF) and to assess (SCH-ASS) after a judgment or change
    /// of law. The text names none.
    pub schrems_start: SchremsStart,
    /// What starts the transition (SCH-TRANS). The text says only that processing is no longer lawfully
    /// possible.
    pub transition_start: TransitionStart,
    /// Whether the periods to inform and to assess also run for a development that does not concern
    /// the United States. The text speaks of the United States only; `true` goes beyond it, because
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
