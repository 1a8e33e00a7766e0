//! Listens to interfaces until somebody asks to stop.

use std::time::{Duration, Instant};

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use landfall_agent::{
    afpacket::{Capture, CaptureStatistics, Event},
    links::{InterfacePattern, LinkChange},
    source::Frame,
};

use crate::{args::Live, capture::Stop, remark::remark};

/// What was captured just before the stop is in the ring by then.
const SETTLES: SignedDuration = SignedDuration::from_millis(60);
/// A capture that is busy beyond this is stopped where it is.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is said that frames were dropped.
const COMPLAIN: Duration = Duration::from_mins(1);

/// What happens on the interfaces.
pub(crate) enum Happening<'a> {
    /// A frame.
    Frame(&'a Frame<'a>),
    /// It is this late; told several times a second.
    Tick {
        /// The time.
        now: Timestamp,
        /// Frames that the kernel dropped since the last tick.
        dropped: u64,
    },
}

/// When it was asked to stop.
struct Asked {
    at: Timestamp,
    since: Instant,
}

/// Begins to listen.
pub(crate) fn open(live: &Live) -> anyhow::Result<Capture> {
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
        remark(format_args!("waiting for an interface {pattern}"));
    }
    Ok(capture)
}

/// Hands what happens to `take`, until `stop` is asked for and what came before that is handed out.
pub(crate) fn follow(
    mut capture: Capture,
    stop: &Stop,
    mut take: impl FnMut(Happening<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut dropped = 0;
    let mut complaints = Complaints::default();
    let mut asked: Option<Asked> = None;
    loop {
        if asked.is_none() && stop.asked() {
            asked = Some(Asked { at: Timestamp::now(), since: Instant::now() });
        }
        match capture.next_event()? {
            Event::Frame(frame) => take(Happening::Frame(&frame))?,
            Event::Link(change) => tell(&change),
            Event::Tick(now) => {
                let statistics = capture.statistics();
                take(Happening::Tick { now, dropped: statistics.dropped - dropped })?;
                dropped = statistics.dropped;
                complaints.look(&statistics);
                if asked.as_ref().is_some_and(|asked| now.duration_since(asked.at) > SETTLES) {
                    break;
                }
            }
        }
        if asked.as_ref().is_some_and(|asked| asked.since.elapsed() > PATIENCE) {
            break;
        }
    }
    summarise(&capture.statistics());
    Ok(())
}

fn tell(change: &LinkChange) {
    match change {
        LinkChange::Captured { name, .. } => remark(format_args!("listening on {name}")),
        LinkChange::Gone { name, .. } => remark(format_args!("{name} is gone")),
        LinkChange::Covered { name, by } => {
            remark(format_args!("not listening on {name}: its packets all pass {by}"));
        }
    }
}

/// Says what a reader of the results should know about the capture.
fn summarise(statistics: &CaptureStatistics) {
    let CaptureStatistics { yielded, dropped, freezes, copies, unwanted: _, damaged, interfaces } = *statistics;
    remark(format_args!("{interfaces} interfaces at the end, {yielded} frames taken, {dropped} dropped by the kernel"));
    let odd = [
        (dropped, "frames found no room; their bytes are in no line (--capture-memory)"),
        (freezes, "times the capture memory was full"),
        (copies, "frames were seen at a second interface as well and counted at the first"),
        (damaged, "frames could not be read from the packet ring"),
    ];
    for (count, what) in odd {
        if count > 0 {
            remark(format_args!("note: {count} {what}"));
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
            remark(format_args!(
                "note: the kernel dropped {} frames for want of room (--capture-memory)",
                dropped - known
            ));
            self.said = Some((Instant::now(), dropped));
        }
    }
}
