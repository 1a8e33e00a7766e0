use std::io;

use crate::kafka::{connection::ConnectionError, service::HttpClientError};

/// Why the process ends before its time.
#[derive(Debug, thiserror::Error)]
pub enum InspectingError {
    /// Its standard input is no plan.
    #[error("expected a plan on standard input: {reason}")]
    Plan { reason: String },
    /// There is no consumer.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// There is no client of the schema registry or of Connect.
    #[error("failed to make a client of the schema registry or of Connect")]
    Service(#[from] HttpClientError),
    /// Its parent does not listen.
    #[error("failed to write a report")]
    Output { source: io::Error },
}
