//! The loop that runs any source until it ends or a request to stop.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::{Item, Source};

/// How long to continue after a request to stop, so that frames from just before it are processed.
const SETTLING_TIME: SignedDuration = SignedDuration::from_millis(60);
/// Maximum time until a live source is stopped, even if it still yields frames.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError<S, T>
where
    S: std::error::Error + 'static,
{
    /// The source failed.
    #[error(transparent)]
    Source(S),
    /// The consumer failed.
    #[error("failed to process what the source yields")]
    Taker(T),
}

/// When the run was asked to stop, by both clocks.
struct StopRequest {
    at: Timestamp,
    since: Instant,
}

/// Passes all items of `source` to `take`.
///
/// Ends with the source, or when `is_stopped` returns true: a file at once, since it can be read again; a live source
/// once all frames from before the request are processed.
pub fn run<S: Source, T>(
    source: &mut S,
    is_stopped: impl Fn() -> bool,
    take: impl FnMut(Item<'_>) -> Result<(), T>,
) -> Result<(), RunError<S::Error, T>> {
    run_within(STOP_TIMEOUT, source, is_stopped, take)
}

/// The same with another maximum time.
pub(super) fn run_within<S: Source, T>(
    patience: Duration,
    source: &mut S,
    is_stopped: impl Fn() -> bool,
    mut take: impl FnMut(Item<'_>) -> Result<(), T>,
) -> Result<(), RunError<S::Error, T>> {
    let mut asked: Option<StopRequest> = None;
    loop {
        if asked.is_none() && is_stopped() {
            if !S::IS_LIVE {
                return Ok(());
            }
            asked = Some(StopRequest { at: Timestamp::now(), since: Instant::now() });
        }
        let Some(item) = source.next().map_err(RunError::Source)? else { return Ok(()) };
        let tick = if let Item::Tick(tick) = &item { Some(tick.now) } else { None };
        take(item).map_err(RunError::Taker)?;
        if let Some(StopRequest { at, since }) = &asked {
            let has_settled = tick.is_some_and(|now| now.duration_since(*at) > SETTLING_TIME);
            if has_settled || since.elapsed() > patience {
                return Ok(());
            }
        }
    }
}
