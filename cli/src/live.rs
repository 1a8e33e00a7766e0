//! Listens to interfaces until somebody asks to stop.

use std::time::{Duration, Instant};

use anyhow::bail;
use landfall_agent::{
    afpacket::{Capture, CaptureStatistics},
    links::{InterfacePattern, LinkChange},
    source::{self, Item, RunError},
};

use crate::{diagnostics, options::LiveOptions, stop::Stop};

/// How often it is said that frames were dropped.
const COMPLAIN: Duration = Duration::from_mins(1);

/// Begins to listen.
pub(crate) fn open(live: &LiveOptions) -> anyhow::Result<Capture> {
    let capture = Capture::open(live.config())?;
    if !capture.is_complete() {
        let absent = live.interface.iter().filter(|pattern| !pattern.is_glob()).map(InterfacePattern::as_str);
        let there = capture.interfaces();
        let absent: Vec<_> = absent.filter(|name| !there.contains(name)).collect();
        let (absent, there) = (absent.join(", "), if there.is_empty() { "none".to_owned() } else { there.join(", ") });
        bail!(
            "--interface {absent}: there is no such interface, expected one of: {there}; what fits a glob such as 'eth*' is waited for"
        );
    }
    for pattern in capture.awaited() {
        diagnostics::status(format_args!("waiting for an interface {pattern}"));
    }
    Ok(capture)
}

/// Hands what happens to `take`, until `stop` is asked for and what came before that is handed out.
pub(crate) fn follow(
    mut capture: Capture,
    stop: &Stop,
    mut take: impl FnMut(&Item<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut complaints = Complaints::default();
    let run = source::run(
        &mut capture,
        || stop.asked(),
        |item| {
            if let Item::Link(change) = item {
                tell(change);
            }
            take(&item)?;
            if let Item::Tick(tick) = item {
                complaints.look(tick.statistics);
            }
            Ok(())
        },
    );
    run.map_err(failed)?;
    summarise(&capture.statistics());
    Ok(())
}

/// Why a run failed, be it by the source or by what became of its items.
pub(crate) fn failed<S: std::error::Error + Send + Sync + 'static>(error: RunError<S, anyhow::Error>) -> anyhow::Error {
    match error {
        RunError::Source(error) => error.into(),
        RunError::Taker(error) => error,
    }
}

fn tell(change: &LinkChange) {
    match change {
        LinkChange::Captured { name, .. } => diagnostics::status(format_args!("listening on {name}")),
        LinkChange::Gone { name, .. } => diagnostics::status(format_args!("{name} is gone")),
        LinkChange::Covered { name, by } => {
            diagnostics::status(format_args!("not listening on {name}: its packets all pass {by}"));
        }
    }
}

/// Says what a reader of the results should know about the capture.
fn summarise(statistics: &CaptureStatistics) {
    let CaptureStatistics { yielded, dropped, freezes, copies, unwanted: _, damaged, interfaces, absent: _ } =
        *statistics;
    diagnostics::status(format_args!(
        "{interfaces} interfaces at the end, {yielded} frames taken, {dropped} dropped by the kernel"
    ));
    let odd = [
        (dropped, "frames found no room; their bytes are in no line (--capture-memory)"),
        (freezes, "times the capture memory was full"),
        (copies, "frames were seen at a second interface as well and counted at the first"),
        (damaged, "frames could not be read from the packet ring"),
    ];
    for (count, what) in odd {
        if count > 0 {
            diagnostics::note(format_args!("{count} {what}"));
        }
    }
}

/// Says from time to time that frames are dropped.
#[derive(Default)]
struct Complaints {
    said: Option<(Instant, u64)>,
}

impl Complaints {
    fn look(&mut self, statistics: &CaptureStatistics) {
        let dropped = statistics.dropped;
        let (due, known) = self.said.map_or((true, 0), |(at, known)| (at.elapsed() >= COMPLAIN, known));
        if due && dropped > known {
            diagnostics::note(format_args!(
                "the kernel dropped {} frames for want of room (--capture-memory)",
                dropped - known
            ));
            self.said = Some((Instant::now(), dropped));
        }
    }
}
