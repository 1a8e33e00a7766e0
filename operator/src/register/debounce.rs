//! Waits until changes have settled, up to a limit.

use std::time::Duration;

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// Changes that arrive together, as from one `kubectl apply`, are compiled together.
const QUIET_PERIOD: Duration = Duration::from_millis(100);
/// Maximum wait: changes that never cease are compiled nevertheless.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Returns after a change, once no further one arrives for the quiet period or the maximum wait is over.
pub(super) async fn settled(changes: &Notify) {
    changes.notified().await;
    let latest = Instant::now() + MAX_WAIT;
    while timeout_at(latest.min(Instant::now() + QUIET_PERIOD), changes.notified()).await.is_ok() {
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
    async fn endless_changes_are_not_waited_for() {
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
