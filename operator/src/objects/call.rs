//! Calls to the API server with a timeout: one that hangs must not block those after it.

use std::time::Duration;

use tokio::time::{error::Elapsed, timeout};

/// Timeout of a call.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The API server was not reached or refused the call.
    #[error("failed to call the API server")]
    Api(#[from] kube::Error),
    /// It did not answer in time.
    #[error("the API server did not answer in time")]
    TooLong(#[from] Elapsed),
    /// The writer has ended, so nobody makes the call.
    #[error("the writer of objects has ended")]
    NoWriter,
}

/// The result of the call, or an error after [`TIMEOUT`].
pub(crate) async fn in_time<T>(call: impl Future<Output = Result<T, kube::Error>>) -> Result<T, CallError> {
    Ok(timeout(TIMEOUT, call).await??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hanging_call_fails_after_ten_seconds() {
        let begin = tokio::time::Instant::now();
        let outcome = in_time(std::future::pending::<Result<(), kube::Error>>()).await;
        assert!(matches!(outcome, Err(CallError::TooLong(_))));
        assert_eq!(begin.elapsed().as_secs(), 10);
    }
}
