//! Reads samples of topics, inspects them and accounts for every offset, once.
//!
//! ```text
//! supervisor ─plan (stdin)─► inspecting process: consumer ─► message ─inspect─► tally
//!            ◄─reports (stdout)─ begin, end, counts, findings of a range of offsets; never a message
//! ```
//!
//! librdkafka reads bytes that come from others and is written in C, so that it runs in a process of its own. When that
//! dies, another one goes on where the last report ended: what was not reported was not accounted for and is read again.
//! A message at which it dies twice is skipped and counted.
//!
//! No group is joined: partitions are assigned, and positions are kept by whoever takes the reports. An offset may hold
//! no message: compaction and retention remove some, and transactions put marks between them.

pub mod budget;
mod inspecting;
mod partition;
pub mod plan;
mod process;
pub mod report;
pub mod share;
pub mod supervisor;
mod tally;
#[cfg(test)]
mod tests;

pub use inspecting::{InspectingError, inspect};
pub(super) use plan::is_read;
pub use plan::{Plan, Start, Until};
pub use report::{Counts, Lag, Progress};
pub use share::Share;
pub use supervisor::{Event, Supervisor, SupervisorError};
