//! Calls of the API server with a time limit: one that hangs must not hold up what comes after it.

use std::time::Duration;

use tokio::time::{error::Elapsed, timeout};

/// A call that takes longer has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It was not reached, or it refused.
    #[error("failed to call the API server")]
    Api(#[from] kube::Error),
    /// It did not answer in time.
    #[error("the API server took too long")]
    TooLong(#[from] Elapsed),
    /// Nobody makes it any more.
    #[error("the writer of objects has ended")]
    NoWriter,
}

/// What the call comes to, or that it took too long.
pub(crate) async fn in_time<T>(call: impl Future<Output = Result<T, kube::Error>>) -> Result<T, CallError> {
    Ok(timeout(PATIENCE, call).await??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_has_failed_after_ten_seconds() {
        let begin = tokio::time::Instant::now();
        let outcome = in_time(std::future::pending::<Result<(), kube::Error>>()).await;
        assert!(matches!(outcome, Err(CallError::TooLong(_))));
        assert_eq!(begin.elapsed().as_secs(), 10);
    }
}
