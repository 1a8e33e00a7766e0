use std::{collections::BTreeMap, path::Path, sync::Arc};

use landfall_evidence::{Reader, Signer, Source};
use landfall_observation::encode;
use landfall_transfer_law::{JudgmentRecord, RollupRecord};
use prometheus::Registry;
use tokio::sync::oneshot;

use super::*;
use crate::fixture::{CLUSTER, at, observation, published};

const HOSTS: [&str; 3] = ["eu.api.openai.com", "api.twilio.com", "api.stranger.example"];
/// Batches that the agent delivers, of three observations each.
const BATCHES: u64 = 4;

/// A writer with a clock that the test controls.
struct Harness {
    writer: LedgerWriter,
    deliver: mpsc::Sender<Delivery>,
    published: watch::Sender<Option<Arc<Published>>>,
    views: Views,
}

impl Harness {
    fn open(folder: &Path, epoch: u64) -> Self {
        let signer = Signer::open_or_create(&folder.join("key.pem")).unwrap();
        let ledger = Ledger::open(&folder.join("ledger"), signer, epoch).unwrap();
        let (sender, receiver) = watch::channel(Some(published()));
        let (deliver, deliveries) = mpsc::channel(16);
        let views = Views::default();
        let inputs = Inputs { published: receiver, written: watch::channel(None).1, deliveries };
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let outputs = Outputs { views: views.clone(), metrics, readiness: Readiness::default() };
        let schedule =
            Schedule { judge: SignedDuration::ZERO, checkpoint: SignedDuration::ZERO, ..Schedule::default() };
        let writer = LedgerWriter::new(ledger, schedule, inputs, outputs).unwrap();
        Self { writer, deliver, published: sender, views }
    }

    /// Delivers a batch; returns the answer.
    fn take(&mut self, batch: u64) -> Answer {
        let (answer, mut answered) = oneshot::channel();
        let observations = (batch * 3..batch * 3 + 3).map(|seq| {
            let observation = observation("node-eu", seq, HOSTS[usize::try_from(seq % 3).unwrap()]);
            (seq, encode(&observation), observation)
        });
        let source = Source { cluster: CLUSTER.into(), agent: "node-eu".into(), epoch: 1 };
        let delivery = Delivery { source, observations: observations.collect(), answer };
        self.deliver.try_send(delivery).unwrap();
        let delivered = self.writer.deliveries.try_recv().unwrap();
        self.writer.append_deliveries(vec![delivered], at(1)).unwrap();
        answered.try_recv().unwrap()
    }
}

/// Bytes sent by recipient: as observed, and as judged.
fn books(folder: &Path) -> [BTreeMap<String, u64>; 2] {
    let (mut observed, mut judged) = (BTreeMap::new(), BTreeMap::new());
    for record in Reader::open(&folder.join("ledger")).unwrap() {
        let Record { kind, body, .. } = record.unwrap();
        match kind.known().unwrap() {
            RecordKind::Observation => {
                let observation = landfall_observation::decode(&body).unwrap();
                *observed.entry(observation.channel.host.unwrap()).or_default() += observation.sent.bytes;
            }
            RecordKind::Judgment => {
                let judgment: JudgmentRecord = serde_json::from_str(&body).unwrap();
                assert!(!judgment.rejudged);
                *judged.entry(judgment.edge.recipient.clone()).or_default() += judgment.traffic.bytes_sent;
            }
            RecordKind::Rollup => {
                let rollup: RollupRecord = serde_json::from_str(&body).unwrap();
                *judged.entry(rollup.edge.recipient.clone()).or_default() += rollup.traffic.bytes_sent;
            }
            _ => {}
        }
    }
    [observed, judged]
}

/// The steps between a delivery and its judgment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Appended, but the agent never got the answer.
    Unheard,
    /// Appended and acknowledged, not judged.
    Acknowledged,
    /// Judged, and the changes not appended.
    Judged,
    /// The changes appended.
    Appended,
}

#[test]
fn killed_between_any_two_steps_every_byte_is_observed_once_and_judged_once() {
    for victim in 0..BATCHES {
        for step in [Step::Unheard, Step::Acknowledged, Step::Judged, Step::Appended] {
            let folder = tempfile::tempdir().unwrap();
            let mut test = Harness::open(folder.path(), 0);
            let mut batch = 0;
            let mut killed = false;
            while batch < BATCHES {
                let answer = test.take(batch);
                assert!(matches!(answer, Answer::Acknowledged(Some(seq)) if seq == batch * 3 + 2), "{answer:?}");
                if batch == victim && !killed {
                    killed = true;
                    if step == Step::Judged || step == Step::Appended {
                        let published = published();
                        test.writer.catch_up(&published).unwrap();
                        test.writer.judge(&published, at(2));
                    }
                    if step == Step::Appended {
                        test.writer.append_changes(at(2)).unwrap();
                    }
                    // As after `kill -9`: nothing is closed, nothing more is written.
                    drop(test);
                    test = Harness::open(folder.path(), 1);
                    if step == Step::Unheard {
                        continue;
                    }
                } else {
                    test.writer.work(at(2)).unwrap();
                }
                batch += 1;
            }
            test.writer.work(at(3)).unwrap();
            // A day later what is outstanding is rolled up.
            test.writer.work(at(25 * 60)).unwrap();
            let [observed, judged] = books(folder.path());
            let expected = BATCHES * 100;
            assert_eq!(observed.values().copied().collect::<Vec<_>>(), [expected; 3], "{step:?} of {victim}");
            assert_eq!(judged.values().copied().collect::<Vec<_>>(), [expected; 3], "{step:?} of {victim}: {judged:?}");
        }
    }
}

#[test]
fn without_a_register_observations_are_stored_and_judged_once_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut test = Harness::open(folder.path(), 0);
    test.published.send_replace(None);
    assert!(matches!(test.take(0), Answer::Acknowledged(Some(2))));
    test.writer.work(at(1)).unwrap();
    test.take(1);
    assert_eq!(books(folder.path())[1], BTreeMap::new());
    test.published.send_replace(Some(published()));
    test.writer.work(at(2)).unwrap();
    let [observed, judged] = books(folder.path());
    assert_eq!((observed.len(), judged.values().sum::<u64>()), (3, 600));
}

#[test]
fn a_replayed_batch_is_acknowledged_and_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut test = Harness::open(folder.path(), 0);
    for batch in [0, 0, 1, 0] {
        let Answer::Acknowledged(Some(acknowledged)) = test.take(batch) else { panic!("refused") };
        assert!(acknowledged >= batch * 3 + 2);
    }
    test.writer.work(at(2)).unwrap();
    let [observed, judged] = books(folder.path());
    assert_eq!((observed.values().sum::<u64>(), judged.values().sum::<u64>()), (600, 600));
}

#[test]
fn a_writer_with_an_older_epoch_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Harness::open(folder.path(), 5));
    let signer = Signer::open_or_create(&folder.path().join("key.pem")).unwrap();
    let refused = Ledger::open(&folder.path().join("ledger"), signer, 4).unwrap_err();
    assert!(matches!(refused, LedgerError::Fenced { held: 5, ours: 4 }), "{refused}");
}

#[tokio::test]
async fn close_judges_what_is_left_and_abandon_writes_nothing_more() {
    for (command, expected) in [(Command::Close, 1), (Command::Abandon, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut test = Harness::open(folder.path(), 0);
        test.take(0);
        let (give, commands) = watch::channel(Command::Work);
        give.send_replace(command);
        test.writer.run(commands).await.unwrap();
        let signer = Signer::open_or_create(&folder.path().join("key.pem")).unwrap();
        let verified = landfall_evidence::verify(&folder.path().join("ledger"), &signer.public(), at(2));
        let segments = verified.unwrap().segments;
        assert_eq!(segments, expected, "{command:?}");
    }
}

#[test]
fn an_edge_without_traffic_is_forgotten_but_its_bytes_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut test = Harness::open(folder.path(), 0);
    test.take(0);
    test.writer.work(at(2)).unwrap();
    let views = test.views.clone();
    assert_eq!(views.edges().len(), 3);
    test.writer.last_forgot = at(2);
    test.writer.work(at(31 * 24 * 60)).unwrap();
    assert_eq!(views.edges().len(), 0);
    drop(test);
    // Nor does a restart bring it back.
    let test = Harness::open(folder.path(), 1);
    assert_eq!(test.writer.judge.count_outcomes().len(), 0);
    let [observed, judged] = books(folder.path());
    assert_eq!((observed.values().sum::<u64>(), judged.values().sum::<u64>()), (300, 300));
}

#[test]
fn a_stalled_ledger_is_ready_again_without_a_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let mut test = Harness::open(folder.path(), 0);
    test.take(0);
    test.writer.work(at(2)).unwrap();
    // Everything is appended, and then a delivery finds no room.
    test.writer.metrics.ledger_stalled.set(1);
    test.writer.readiness.lacks(LEDGER);
    test.writer.work(at(3)).unwrap();
    assert_eq!((test.writer.metrics.ledger_stalled.get(), test.writer.readiness.is_ready()), (0, true));
}
