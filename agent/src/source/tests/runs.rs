//! The loop, with scripted sources.

use std::{
    cell::Cell,
    collections::VecDeque,
    convert::Infallible,
    fmt,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{AgentConfiguration, Observation};

use super::super::{run::run_within, *};
use crate::{
    attribution::Workloads,
    locate::{Locator, LocatorConfig},
    pipeline::{FlowReader, Limits, Observer, ObserverConfig},
};

/// A step of a script.
#[derive(Debug, Clone)]
enum Step {
    /// A SYN of a new connection from this port, at this second.
    Syn(u16, i64),
    /// A tick at this second, after this number of dropped frames.
    Tick(i64, u64),
    /// The time as the machine has it.
    Now,
    Link(LinkChange),
    Fails,
}

#[derive(Debug, thiserror::Error)]
#[error("the script fails")]
struct Failed;

/// Yields what its script says.
struct Script<const IS_LIVE: bool> {
    steps: VecDeque<Step>,
    /// What is yielded forever after the script.
    then: Option<Step>,
    yielded: u64,
    packet: Vec<u8>,
    change: Option<LinkChange>,
    statistics: CaptureStatistics,
}

impl<const IS_LIVE: bool> Script<IS_LIVE> {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps = steps.into_iter().collect();
        let statistics = CaptureStatistics::default();
        Self { steps, then: None, yielded: 0, packet: Vec::new(), change: None, statistics }
    }
}

impl<const IS_LIVE: bool> Source for Script<IS_LIVE> {
    type Error = Failed;

    const IS_LIVE: bool = IS_LIVE;

    fn next(&mut self) -> Result<Option<Item<'_>>, Failed> {
        let Some(step) = self.steps.pop_front().or(self.then.clone()) else { return Ok(None) };
        self.yielded += 1;
        Ok(Some(match step {
            Step::Syn(port, second) => {
                self.packet = syn(port);
                let link = LinkType::Ipv4;
                Item::Frame(Frame { at: at(second), link, original_len: 40, data: &self.packet })
            }
            Step::Tick(second, dropped) => Item::Tick(Tick { now: at(second), dropped, statistics: &self.statistics }),
            Step::Now => Item::Tick(Tick { now: Timestamp::now(), dropped: 0, statistics: &self.statistics }),
            Step::Link(change) => Item::Link(self.change.insert(change)),
            Step::Fails => return Err(Failed),
        }))
    }
}

/// From a full minute on.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_779_999_960 + second).unwrap()
}

fn syn(port: u16) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 10, 203, 0, 113, 98];
    packet.extend(port.to_be_bytes());
    packet.extend([0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
    packet
}

fn observer() -> Observer {
    Observer::new(ObserverConfig {
        cluster: "test".into(),
        agent: "test".into(),
        epoch: 1,
        configuration: AgentConfiguration::default(),
        workloads: Workloads::default(),
        locator: Locator::open(&LocatorConfig::default()).unwrap(),
        limits: Limits::default(),
    })
}

fn reported(observations: &[Observation]) -> Vec<(u64, u64)> {
    observations.iter().map(|one| (one.sent.bytes, one.coverage.frames_dropped)).collect()
}

fn change() -> LinkChange {
    LinkChange::Gone { index: 7, name: "veth7".into() }
}

#[test]
fn every_kind_of_item_drives_the_pipeline() {
    let steps = [
        Step::Link(change()),
        Step::Syn(1, 0),
        Step::Tick(1, 3),
        Step::Syn(2, 2),
        Step::Tick(4, 4),
        Step::Link(change()),
        // The minute is over.
        Step::Tick(61, 0),
    ];
    let mut observer = observer();
    let mut parts = Vec::new();
    let mut taken = 0;
    let run = run(
        &mut Script::<true>::new(steps),
        || false,
        |item| {
            taken += 1;
            parts.extend(reported(&observer.take(&item)));
            Ok::<_, Infallible>(())
        },
    );
    run.unwrap();
    // Both have one key, and the delta knows of the frames that were lost in its minute so far.
    assert_eq!((taken, parts), (7, vec![(80, 7)]));
    assert_eq!(observer.counters().decoded.packets, 2);
    assert_eq!(reported(&observer.finish()), []);
}

#[test]
fn a_reader_of_flows_takes_the_same_items() {
    let steps = [Step::Syn(1, 0), Step::Link(change()), Step::Syn(2, 1), Step::Tick(400, 0), Step::Syn(3, 401)];
    let mut reader = FlowReader::new(Limits::default());
    let mut ended = Vec::new();
    run(
        &mut Script::<true>::new(steps),
        || false,
        |item| {
            reader.take(&item, &mut |record| ended.push(record.key.src_port));
            Ok::<_, Infallible>(())
        },
    )
    .unwrap();
    assert_eq!(ended, [1, 2], "what was silent for long has ended by the tick");
}

#[test]
fn a_source_that_is_not_live_stops_at_once() {
    let asked = Cell::new(false);
    let mut file = Script::<false>::new((1..100).map(|port| Step::Syn(port, 0)));
    let stopped = run(
        &mut file,
        || asked.get(),
        |_| {
            asked.set(true);
            Ok::<_, Infallible>(())
        },
    );
    stopped.unwrap();
    assert_eq!(file.yielded, 1);
}

#[test]
fn a_live_source_is_followed_until_what_came_before_the_stop_is_there() {
    // Ticks from before the stop do not count, however many there are.
    let mut live = Script::<true>::new((0..1000).map(|second| Step::Tick(second, 0)));
    live.then = Some(Step::Now);
    let begun = Timestamp::now();
    let mut last = Timestamp::MIN;
    let stopped = run_within(
        Duration::MAX,
        &mut live,
        || true,
        |item| {
            if let Item::Tick(tick) = item {
                last = tick.now;
            }
            Ok::<_, Infallible>(())
        },
    );
    stopped.unwrap();
    assert!(live.yielded > 1000 && last.duration_since(begun) > SignedDuration::from_millis(60));
}

#[test]
fn a_live_source_that_never_settles_is_stopped_all_the_same() {
    let mut busy = Script::<true>::new([]);
    busy.then = Some(Step::Syn(1, 0));
    let begun = Instant::now();
    let patience = Duration::from_millis(10);
    run_within(patience, &mut busy, || true, |_| Ok::<_, Infallible>(())).unwrap();
    assert!(begun.elapsed() > patience);
}

#[test]
fn a_run_says_who_failed() {
    let steps = [Step::Syn(1, 0), Step::Fails];
    let failed = run(&mut Script::<false>::new(steps.clone()), || false, |_| Ok::<_, Infallible>(()));
    assert!(matches!(failed, Err(RunError::Source(Failed))));
    let failed = run(&mut Script::<false>::new(steps), || false, |_| Err(fmt::Error));
    assert!(matches!(failed, Err(RunError::Taker(fmt::Error))));
}
