//! Everything that the operator writes to the API server except the Lease: other modules set the desired state, and one
//! task writes the differences.
//!
//! ```text
//! desired state ──┐
//!                 ├─► differences ─by priority, under one budget─► API server
//! observed state ─┘
//! ```
//!
//! Level-triggered: only the difference between desired and observed state matters, never how it came about.

mod budget;
pub mod call;
pub(crate) mod condition;
pub(crate) mod config_map;
mod event;
pub(crate) mod owner;
mod queue;
pub(crate) mod register_status;
mod request;
mod stored;
mod table;
pub mod watch;
mod writer;

use std::{sync::Arc, time::Duration};

use landfall_api::{IncidentSpec, TransferSpec};
use tokio::sync::Notify;

use crate::metrics::Metrics;

pub use self::writer::{Writer, WriterEnded};
pub(crate) use self::{
    config_map::ConfigMaps,
    event::Events,
    queue::WritePriority,
    register_status::RegisterStatuses,
    request::Requests,
    stored::{DesiredObject, StatusKind},
    table::{Desired, ObjectKey},
};

/// How old an Incident's counters may get before they are written again.
const INCIDENT_REFRESH: Duration = Duration::from_mins(5);

/// The desired state of all objects that the operator writes. Clones share it.
#[derive(Debug, Clone)]
pub struct Objects {
    pub(crate) transfers: Desired<TransferSpec>,
    pub(crate) incidents: Desired<IncidentSpec>,
    pub(crate) config_maps: Desired<ConfigMaps>,
    pub(crate) register_statuses: Desired<RegisterStatuses>,
    pub(crate) requests: Requests,
    pub(crate) events: Events,
    /// Notified of every change.
    changed: Arc<Notify>,
}

impl Objects {
    /// Starts empty. The counters of a Transfer are written again when they are older than `refresh`.
    pub fn new(metrics: &Metrics, refresh: Duration) -> Self {
        let changed = Arc::new(Notify::new());
        let writes = &metrics.writes;
        Self {
            transfers: Desired::new(&changed, writes, refresh),
            incidents: Desired::new(&changed, writes, INCIDENT_REFRESH),
            // These have no counters.
            config_maps: Desired::new(&changed, writes, Duration::ZERO),
            register_statuses: Desired::new(&changed, writes, Duration::ZERO),
            requests: Requests::new(&changed),
            events: Events::new(&changed),
            changed,
        }
    }
}
