//! The loop that runs any source, until it ends or is told to stop.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::{Item, Source};

/// For how long to go on after the stop, so that frames from just before it are processed.
const SETTLES: SignedDuration = SignedDuration::from_millis(60);
/// After so long a live source is stopped even if it still yields frames.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError<S, T>
where
    S: std::error::Error + 'static,
{
    /// The source cannot go on.
    #[error(transparent)]
    Source(S),
    /// The consumer cannot go on.
    #[error("failed to take what the source yields")]
    Taker(T),
}

/// When it was asked to stop.
struct StopRequest {
    at: Timestamp,
    since: Instant,
}

/// Outputs all that `source` yields to `take`.
///
/// Ends with the source, or when `is_stopped` says so: a source that is not live at once, for the rest of it can be read
/// another time; a live one when what came before that is handed out.
pub fn run<S: Source, T>(
    source: &mut S,
    is_stopped: impl Fn() -> bool,
    take: impl FnMut(Item<'_>) -> Result<(), T>,
) -> Result<(), RunError<S::Error, T>> {
    run_within(PATIENCE, source, is_stopped, take)
}

/// The same with another patience.
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
            let has_settled = tick.is_some_and(|now| now.duration_since(*at) > SETTLES);
            if has_settled || since.elapsed() > patience {
                return Ok(());
            }
        }
    }
}
