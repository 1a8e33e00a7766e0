//! How parts learn that they have to stop.

use tokio::sync::watch;

/// Waits until `stop` holds true. Whoever could have said so being gone, it never will.
pub(crate) async fn requested(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
