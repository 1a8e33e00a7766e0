//! What the commands print: each row as JSON and YAML have it, and the table for people.

mod clock_table;
mod explanations;
mod flow_table;
mod hold_table;
mod ledger_table;
mod lint_table;
mod simulation;
mod top;
mod transfer_table;

pub(crate) use self::{
    clock_table::{CheckTable, Computed, DueTable},
    explanations::{Explanations, LedgerExplanations},
    flow_table::FlowTable,
    hold_table::{HoldTable, ListedHold},
    ledger_table::{LedgerReport, LedgerTable, Verified},
    lint_table::LintTable,
    simulation::{Simulated, Simulation},
    transfer_table::TransferTable,
};
