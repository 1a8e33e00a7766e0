//! A request to stop.

use tokio::sync::watch;

/// Waits until `stop` is true; for ever if its sender is gone.
pub(crate) async fn requested(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
