//! Periods in which a node was not observed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Recorded;

/// The body of a record of kind `gap`: a node was not observed for a period. Its traffic in that period is in no other
/// record, so sums over the ledger are incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Always [`Gap::SCHEMA`].
    pub schema: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the node.
    pub node: String,
    /// From when on it was not observed.
    pub from: Timestamp,
    /// Until when; `null` if ongoing.
    pub to: Option<Timestamp>,
    /// Why.
    pub why: Recorded<GapCause>,
}

/// Why a node was not observed. Codes are added and never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GapCause {
    /// No agent ran there.
    #[serde(rename = "agent-absent")]
    AgentAbsent,
    /// An agent was expected there and did not report.
    #[serde(rename = "agent-silent")]
    AgentSilent,
    /// The agent skipped numbers: it lost observations before it could send them.
    #[serde(rename = "observations-lost")]
    ObservationsLost,
}

impl Gap {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.gap/v1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_read_as_it_is_written_also_with_a_cause_of_a_later_version() {
        let text = |why: &str| {
            format!(
                r#"{{"schema":"landfall.gap/v1","cluster":"eu","node":"node-1","from":"2026-11-23T12:00:00Z","to":null,"why":"{why}"}}"#
            )
        };
        for (why, expected) in [
            ("agent-absent", GapCause::AgentAbsent.into()),
            ("agent-silent", GapCause::AgentSilent.into()),
            ("observations-lost", GapCause::ObservationsLost.into()),
            ("kernel-too-old", Recorded::Unknown("kernel-too-old".to_owned())),
        ] {
            let gap: Gap = serde_json::from_str(&text(why)).unwrap();
            assert_eq!((&gap.schema, &gap.why), (&Gap::SCHEMA.to_owned(), &expected));
            assert_eq!(serde_json::to_string(&gap).unwrap(), text(why));
        }
    }
}
