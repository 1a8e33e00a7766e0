//! What the commands print: each result as JSON and YAML have it, and the table for people.

mod due_dates;
mod edges;
mod explanations;
mod findings;
mod flows;
mod holds;
#[cfg(feature = "kafka")]
mod kafka_inventory;
#[cfg(feature = "kafka")]
mod kafka_landing;
#[cfg(feature = "kafka")]
mod kafka_sample;
mod simulation;
mod top;
mod transfers;
mod verification;

#[cfg(feature = "kubernetes")]
pub(crate) use self::verification::summary_line;
pub(crate) use self::{
    due_dates::{DueDate, DueDateTable, VectorTable},
    edges::EdgeTable,
    explanations::{Explanations, LedgerExplanations},
    findings::FindingTable,
    flows::FlowTable,
    holds::{HoldRow, HoldTable},
    simulation::{SimulationReport, SimulationRow},
    transfers::TransferTable,
    verification::{VerificationReport, VerificationRow, unreadable_database},
};
#[cfg(feature = "kafka")]
pub(crate) use self::{
    kafka_inventory::{KafkaInventoryTable, LocatedInventory, Locations},
    kafka_landing::{JudgedLandings, KafkaLandingTable, KafkaLandings},
    kafka_sample::{KafkaSampleTable, SampledTopic},
};
