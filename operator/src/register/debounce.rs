//! Waits until changes cease, but not for ever.

use std::time::Duration;

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// Changes that come together, as by one `kubectl apply`, are compiled together.
const QUIET: Duration = Duration::from_millis(100);
/// Changes that never cease are compiled all the same.
const AT_MOST: Duration = Duration::from_secs(2);

/// Returns once there was a change and then none for a while.
pub(super) async fn settled(changes: &Notify) {
    changes.notified().await;
    let latest = Instant::now() + AT_MOST;
    while timeout_at(latest.min(Instant::now() + QUIET), changes.notified()).await.is_ok() {
        if Instant::now() >= latest {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_one_change() {
        let changes = Notify::new();
        let begin = Instant::now();
        let burst = async {
            for _ in 0..5 {
                changes.notify_one();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::join!(settled(&changes), burst);
        assert_eq!(begin.elapsed().as_millis() / 50, 6);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_without_end_are_not_waited_for() {
        let changes = Notify::new();
        let begin = Instant::now();
        let stream = async {
            loop {
                changes.notify_one();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = settled(&changes) => {}
            () = stream => {}
        }
        assert_eq!(begin.elapsed().as_secs(), 2);
    }
}
