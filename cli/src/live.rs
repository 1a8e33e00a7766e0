//! Listens on interfaces until a stop is requested.

use std::time::{Duration, Instant};

use anyhow::bail;
use landfall_agent::{
    afpacket::{Capture, CaptureStatistics},
    links::{InterfacePattern, LinkChange},
    source::{self, Item, RunError},
};

use crate::{capture::print_notes, diagnostics, options::LiveOptions, stop::StopSignal};

/// The least time between warnings about dropped frames.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);

/// Starts to listen.
pub(crate) fn open(live: &LiveOptions) -> anyhow::Result<Capture> {
    let capture = Capture::open(live.config())?;
    if !capture.is_complete() {
        let missing = live.interface.iter().filter(|pattern| !pattern.is_glob()).map(InterfacePattern::as_str);
        let present = capture.interfaces();
        let missing: Vec<_> = missing.filter(|name| !present.contains(name)).collect();
        let missing = missing.join(", ");
        let present = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
        bail!(
            "--interface {missing}: no such interface, expected one of: {present}; a glob such as 'eth*' waits for its interfaces"
        );
    }
    for pattern in capture.awaited() {
        diagnostics::status(format_args!("waiting for an interface that matches {pattern}"));
    }
    Ok(capture)
}

/// Passes the items of the capture to `take`, until a stop is requested and everything captured before is passed on.
pub(crate) fn follow(
    mut capture: Capture,
    stop: &StopSignal,
    mut take: impl FnMut(&Item<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut warnings = DropWarnings::default();
    let run = source::run(
        &mut capture,
        || stop.is_requested(),
        |item| {
            if let Item::Link(change) = item {
                print_link_change(change);
            }
            take(&item)?;
            if let Item::Tick(tick) = item {
                warnings.update(tick.statistics);
            }
            Ok(())
        },
    );
    run.map_err(into_error)?;
    print_summary(&capture.statistics());
    Ok(())
}

/// The error of the source, or of the function that took its items.
fn into_error<S: std::error::Error + Send + Sync + 'static>(error: RunError<S, anyhow::Error>) -> anyhow::Error {
    match error {
        RunError::Source(error) => error.into(),
        RunError::Taker(error) => error,
    }
}

fn print_link_change(change: &LinkChange) {
    match change {
        LinkChange::Captured { name, .. } => diagnostics::status(format_args!("listening on {name}")),
        LinkChange::Gone { name, .. } => diagnostics::status(format_args!("{name} is gone")),
        LinkChange::Covered { name, by } => {
            diagnostics::status(format_args!("not listening on {name}: all its packets pass through {by}"));
        }
    }
}

/// Prints the counters of the capture.
fn print_summary(statistics: &CaptureStatistics) {
    let CaptureStatistics { yielded, dropped, freezes, copies, unwanted: _, damaged, interfaces, absent: _ } =
        *statistics;
    diagnostics::status(format_args!(
        "{interfaces} interfaces at the end, {yielded} frames taken, {dropped} dropped by the kernel"
    ));
    print_notes(&[
        (dropped, "frames were dropped for lack of memory; their bytes are not counted (--capture-memory)"),
        (freezes, "times the capture memory was full"),
        (copies, "frames were also seen on a second interface and counted at the first"),
        (damaged, "frames could not be read from the packet ring"),
    ]);
}

/// Warns from time to time about dropped frames.
#[derive(Default)]
struct DropWarnings {
    last: Option<(Instant, u64)>,
}

impl DropWarnings {
    fn update(&mut self, statistics: &CaptureStatistics) {
        let dropped = statistics.dropped;
        let (due, known) = self.last.map_or((true, 0), |(at, known)| (at.elapsed() >= WARNING_INTERVAL, known));
        if due && dropped > known {
            diagnostics::note(format_args!(
                "the kernel dropped {} frames for lack of memory (--capture-memory)",
                dropped - known
            ));
            self.last = Some((Instant::now(), dropped));
        }
    }
}
