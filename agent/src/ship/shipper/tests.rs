use std::collections::VecDeque;

use landfall_observation::{PodCapture, PodsByCapture};
use tempfile::TempDir;

use super::*;
use crate::{metrics::Metrics, spool::Entry};

/// Gives scripted answers, and records the batches.
#[derive(Default)]
struct Script {
    answers: VecDeque<Result<Acknowledged, Refusal>>,
    sent: Vec<(u64, Vec<u64>)>,
    alive: Vec<Option<PodsByCapture>>,
}

struct Setting {
    shipper: Shipper<Script>,
    metrics: Metrics,
    _folder: TempDir,
}

impl Transport for Script {
    fn deliver(&mut self, batch: &Batch<'_>) -> Result<Acknowledged, Refusal> {
        self.sent.push((batch.epoch, batch.records.iter().map(|record| record.seq).collect()));
        self.answers.pop_front().expect("an answer for each delivery")
    }

    fn alive(&mut self, report: &AgentReport) -> Result<(), Refusal> {
        assert_eq!((report.cluster.as_str(), report.agent.as_str()), (CLUSTER, "node-1"));
        self.alive.push(report.pods.clone());
        Err(Refusal::Busy { after: None })
    }
}

fn setting(epochs: &[(u64, u64)], answers: Vec<Result<Acknowledged, Refusal>>) -> Setting {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = Spool::open(folder.path(), 1 << 20).unwrap();
    for &(epoch, count) in epochs {
        let entries: Vec<_> = (0..count).map(|seq| Entry { epoch, seq, line: line(CLUSTER, seq) }).collect();
        spool.append(&entries).unwrap();
    }
    let metrics = Metrics::new().unwrap();
    let script = Script { answers: answers.into(), sent: Vec::new(), alive: Vec::new() };
    let shipper = Shipper::new(Arc::new(Mutex::new(spool)), script, identity(), Arc::clone(&metrics.ship));
    Setting { shipper, metrics, _folder: folder }
}

fn identity() -> AgentIdentity {
    AgentIdentity { cluster: CLUSTER.to_owned(), agent: "node-1".to_owned() }
}

impl Setting {
    fn sent(&self) -> Vec<(u64, Vec<u64>)> {
        self.shipper.transport.sent.clone()
    }

    fn left(&self) -> u64 {
        self.shipper.spool().usage().records
    }

    fn value(&self, name: &str, label: Option<&str>) -> f64 {
        let families = self.metrics.registry().gather();
        let family = families.iter().find(|family| family.name() == format!("landfall_agent_{name}")).unwrap();
        let is_labelled = |metric: &&prometheus::proto::Metric| {
            label.is_none_or(|label| metric.get_label().iter().any(|pair| pair.value() == label))
        };
        let metric = family.get_metric().iter().find(is_labelled).unwrap();
        metric.get_counter().get_value() + metric.get_gauge().get_value()
    }
}

const CLUSTER: &str = "c";

fn line(cluster: &str, seq: u64) -> String {
    format!(r#"{{"cluster":"{cluster}","agent":"node-1","seq":{seq}}}"#)
}

#[expect(clippy::unnecessary_wraps, reason = "an answer like any other")]
fn acknowledged(through: u64) -> Result<Acknowledged, Refusal> {
    Ok(Acknowledged { through })
}

fn told() -> RefusalReason {
    RefusalReason { reason: "WindowTooOld".to_owned(), message: "expected a window of the last week".to_owned() }
}

fn range(seqs: std::ops::Range<u64>) -> Vec<u64> {
    seqs.collect()
}

#[test]
fn an_earlier_epoch_goes_first_and_the_rest_is_sent_again() {
    let answers = vec![acknowledged(2), acknowledged(1), acknowledged(4)];
    let mut setting = setting(&[(7, 3), (9, 5)], answers);
    for expected in [Step::Moved, Step::Moved, Step::Moved, Step::Idle] {
        assert_eq!(setting.shipper.step(), expected);
    }
    assert_eq!(setting.sent(), [(7, range(0..3)), (9, range(0..5)), (9, range(2..5))]);
    assert_eq!(setting.left(), 0);
    assert!((setting.value("ship_batches_total", None) - 3.0).abs() < 0.1);
}

#[test]
fn a_named_record_is_quarantined_and_the_others_are_sent_again() {
    let rejected = |culprit| Err(Refusal::Rejected { told: told(), culprit: Some(culprit) });
    let answers = vec![
        rejected(RejectedRecord::Index(3)),
        acknowledged(2),
        rejected(RejectedRecord::Seq(4)),
        acknowledged(5),
        acknowledged(7),
    ];
    let mut setting = setting(&[(7, 8)], answers);
    while setting.shipper.step() != Step::Idle {}
    // The records before the refused one are sent first; after it the batches grow again.
    let expected = [range(0..8), range(0..3), range(4..8), range(5..6), range(6..8)];
    assert_eq!(setting.sent(), expected.map(|seqs| (7, seqs)));
    assert_eq!(setting.shipper.spool().counters().quarantine, [2, 0, 0]);
    assert!((setting.value("ship_refused_total", Some("WindowTooOld")) - 2.0).abs() < 0.1);
}

#[test]
fn without_a_named_record_the_whole_batch_is_quarantined() {
    let answers = vec![Err(Refusal::Rejected { told: told(), culprit: None }), acknowledged(0)];
    let mut setting = setting(&[(7, 3), (9, 1)], answers);
    for expected in [Step::Moved, Step::Moved, Step::Idle] {
        assert_eq!(setting.shipper.step(), expected);
    }
    assert_eq!(setting.sent(), [(7, range(0..3)), (9, vec![0])]);
    assert_eq!(setting.shipper.spool().counters().quarantine, [3, 0, 0]);
}

#[test]
fn a_batch_that_is_too_large_is_halved_down_to_one_record() {
    let too_large = || Err(Refusal::TooLarge { told: told() });
    let answers = vec![too_large(), too_large(), too_large(), acknowledged(1), acknowledged(3), acknowledged(4)];
    let mut setting = setting(&[(7, 5)], answers);
    while setting.shipper.step() != Step::Idle {}
    let expected = [range(0..5), range(0..2), vec![0], vec![1], range(2..4), vec![4]];
    assert_eq!(setting.sent(), expected.map(|seqs| (7, seqs)));
    assert_eq!(setting.shipper.spool().counters().quarantine, [1, 0, 0]);
    assert_eq!(setting.left(), 0);
}

#[test]
fn temporary_failures_lose_no_record() {
    let busy = |after| Err(Refusal::Busy { after });
    let failed = |kind| Err(Refusal::Failed { kind, error: "gone".to_owned() });
    let answers = vec![
        Err(Refusal::Unauthorised { told: told() }),
        busy(Some(Duration::from_secs(7))),
        busy(None),
        failed(FailureKind::Network),
        failed(FailureKind::Tls),
        acknowledged(2),
    ];
    let mut setting = setting(&[(7, 3)], answers);
    let mut waits = Vec::new();
    loop {
        match setting.shipper.step() {
            Step::Wait(wait) => waits.push(wait.as_secs_f64()),
            Step::Moved => {}
            Step::Idle => break,
        }
    }
    let bounds = [(30.0, 33.0), (7.0, 7.7), (0.25, 0.5), (0.5, 1.0), (1.0, 2.0)];
    assert_eq!(waits.len(), bounds.len());
    for (wait, (least, most)) in waits.iter().zip(bounds) {
        assert!((least..=most).contains(wait), "{waits:?}");
    }
    assert!(setting.sent().iter().all(|batch| *batch == (7, range(0..3))));
    assert_eq!(setting.left(), 0);
    assert!((setting.value("ship_failures_total", Some("tls")) - 1.0).abs() < 0.1);
    assert!((setting.value("ship_busy_total", None) - 2.0).abs() < 0.1);
}

#[test]
fn answers_about_records_that_were_not_sent_are_failures() {
    let rejected = |culprit| Err(Refusal::Rejected { told: told(), culprit: Some(culprit) });
    let answers = vec![
        acknowledged(0),
        rejected(RejectedRecord::Index(2)),
        rejected(RejectedRecord::Seq(0)),
        acknowledged(0),
        acknowledged(99),
    ];
    let mut setting = setting(&[(7, 3)], answers);
    assert_eq!(setting.shipper.step(), Step::Moved);
    for _ in 0..3 {
        assert!(matches!(setting.shipper.step(), Step::Wait(_)));
    }
    assert_eq!(setting.left(), 2);
    assert_eq!(setting.shipper.step(), Step::Moved);
    assert_eq!((setting.shipper.step(), setting.left()), (Step::Idle, 0));
}

#[test]
fn heartbeats_are_sent_while_there_is_nothing_to_deliver() {
    let mut setting = setting(&[(7, 1)], vec![acknowledged(0)]);
    let ago = |setting: &mut Setting, seconds: u64| {
        setting.shipper.last_contact = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        setting.shipper.step()
    };
    // A delivery replaces a heartbeat.
    assert_eq!([ago(&mut setting, 100), setting.shipper.step()], [Step::Moved, Step::Idle]);
    assert_eq!(setting.shipper.transport.alive, []);
    assert_eq!([ago(&mut setting, 100), setting.shipper.step(), ago(&mut setting, 30)], [Step::Idle; 3]);
    assert_eq!(setting.shipper.transport.alive, [None]);
}

#[test]
fn a_report_is_sent_at_once_then_every_minute_and_a_changed_one_sooner_also_beside_deliveries() {
    let mut setting = setting(&[(7, 1)], vec![acknowledged(0), acknowledged(0)]);
    let pods = |count| [(PodCapture::NotCaptured, count)].into_iter().collect::<PodsByCapture>();
    setting.shipper.report.set(pods(1));
    assert_eq!([setting.shipper.step(), setting.shipper.step()], [Step::Moved, Step::Idle]);
    assert_eq!(setting.shipper.transport.alive, [Some(pods(1))]);
    let ago = |setting: &mut Setting, seconds| {
        let (at, _) = setting.shipper.last_report.as_mut().unwrap();
        *at = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
    };
    // The same again, not before its time; another one after ten seconds, while observations are delivered.
    ago(&mut setting, 30);
    assert_eq!((setting.shipper.step(), setting.shipper.transport.alive.len()), (Step::Idle, 1));
    setting.shipper.report.set(pods(2));
    ago(&mut setting, 11);
    let entry = Entry { epoch: 8, seq: 0, line: line(CLUSTER, 0) };
    setting.shipper.spool().append(&[entry]).unwrap();
    assert_eq!([setting.shipper.step(), setting.shipper.step()], [Step::Moved, Step::Idle]);
    assert_eq!(setting.shipper.transport.alive, [Some(pods(1)), Some(pods(2))]);
    ago(&mut setting, 61);
    assert_eq!((setting.shipper.step(), setting.shipper.transport.alive.len()), (Step::Idle, 3));
}

#[test]
fn records_from_the_future_are_kept_and_sent_again_later() {
    let told = RefusalReason { reason: "ClockAhead".to_owned(), message: "in the future".to_owned() };
    let early = |after| Err(Refusal::Early { told: told.clone(), after });
    let answers = vec![early(Some(Duration::from_mins(5))), early(None), acknowledged(2)];
    let mut setting = setting(&[(7, 3)], answers);
    assert!(matches!(setting.shipper.step(), Step::Wait(wait) if wait >= Duration::from_mins(5)));
    assert!(matches!(setting.shipper.step(), Step::Wait(_)));
    assert_eq!((setting.left(), setting.shipper.step(), setting.left()), (3, Step::Moved, 0));
    assert_eq!(setting.shipper.spool().counters().quarantine, [0; 3]);
    assert!((setting.value("ship_refused_total", Some("ClockAhead")) - 2.0).abs() < 0.1);
}

#[test]
fn a_foreign_batch_is_kept_under_the_current_identity_and_quarantined_under_an_earlier_one() {
    let foreign = || {
        Err(Refusal::Foreign {
            told: RefusalReason { reason: "ForeignIdentity".to_owned(), ..RefusalReason::default() },
        })
    };
    let mut setting = setting(&[], vec![foreign(), foreign(), foreign(), acknowledged(1)]);
    let entry = |epoch, seq, cluster| Entry { epoch, seq, line: line(cluster, seq) };
    // The agent's cluster is corrected first, then the operator's.
    let entries = [entry(7, 0, "misspelt"), entry(7, 1, "misspelt"), entry(9, 0, CLUSTER), entry(9, 1, CLUSTER)];
    setting.shipper.spool().append(&entries).unwrap();
    assert_eq!((setting.shipper.step(), setting.left()), (Step::Moved, 2));
    for _ in 0..2 {
        assert!(matches!(setting.shipper.step(), Step::Wait(wait) if wait >= UNAUTHORISED));
    }
    assert_eq!((setting.left(), setting.shipper.step(), setting.left()), (2, Step::Moved, 0));
    assert_eq!(setting.shipper.spool().counters().quarantine, [2, 0, 0]);
}
