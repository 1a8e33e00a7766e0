use kube::runtime::{
    reflector::{self, store::Writer},
    watcher,
};
use landfall_api::{Stored, TransferSpec, TransferStatus, TransferVolume};
use landfall_transfer_law::{AgreementId, EdgeId, Exporter, Outcome as TransferOutcome};

use prometheus::Registry;

use super::*;
use crate::objects::stored::{DesiredObject, ObservedObject};
use crate::{
    metrics::Metrics,
    objects::queue::{FreeSlots, Queue},
};

type Object = Stored<TransferSpec>;

const REFRESH: Duration = Duration::from_mins(5);

/// A table, the observed state, and a clock.
struct Fixture {
    desired: Desired<TransferSpec>,
    writer: Writer<Object>,
    start: Instant,
}

fn key() -> ObjectKey {
    named("sync")
}

fn named(name: &str) -> ObjectKey {
    ObjectKey { kind: "Transfer", namespace: Some("crm".to_owned()), name: name.to_owned() }
}

fn status(outcome: TransferOutcome, bytes_sent: u64) -> TransferStatus {
    let volume = TransferVolume { bytes_sent, ..TransferVolume::default() };
    TransferStatus { outcome: Some(outcome), volume: Some(volume), ..TransferStatus::default() }
}

fn object(version: &str, status: &TransferStatus) -> Object {
    let mut object = Object::new("sync", Some("crm"), spec());
    object.metadata.resource_version = Some(version.to_owned());
    object.status = Some(status.clone());
    object
}

fn spec() -> TransferSpec {
    crate::judging::names::spec(&EdgeId {
        cluster: "test".to_owned(),
        agreement: AgreementId { namespace: "privacy".to_owned(), name: "avv".to_owned() },
        exporter: Exporter::workload("crm", "Deployment", "sync"),
        recipient: "openai".to_owned(),
        endpoint: "eu".to_owned(),
    })
}

impl Fixture {
    fn new() -> Self {
        let (store, writer) = reflector::store();
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let desired = Desired::new(&Arc::default(), &metrics.writes, REFRESH);
        desired.observe_in(store);
        Self { desired, writer, start: Instant::now() }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn set_desired(&mut self, status: &TransferStatus) {
        self.desired.set(key(), DesiredObject { spec: spec(), status: status.clone() });
    }

    fn observe(&mut self, version: &str, status: &TransferStatus) {
        self.writer.apply_watcher_event(&watcher::Event::Apply(object(version, status)));
    }

    /// The write that is due now, as text.
    fn due(&mut self, seconds: u64) -> Option<String> {
        let due = self.desired.due(0, self.at(seconds));
        assert!(due.len() <= 1);
        let key = due.into_iter().next()?.key;
        Some(match self.desired.lock().start_write(&key).unwrap() {
            Action { desired: Some(_), base: None } => "create".to_owned(),
            Action { desired: Some(_), base: Some(version) } => format!("replace {}", version.unwrap()),
            Action { desired: None, .. } => "delete".to_owned(),
        })
    }

    fn written(&mut self, seconds: u64, outcome: Outcome<TransferSpec>) {
        let now = self.at(seconds);
        self.desired.lock().finish_write(&key(), outcome, now);
    }

    fn waiting(&self) -> usize {
        self.desired.lock().waiting().values().sum()
    }
}

/// What the API server answers to a write.
#[expect(clippy::unnecessary_wraps, reason = "as a write answers")]
fn answered(version: &str, status: &TransferStatus) -> Outcome<TransferSpec> {
    Ok(Some(ObservedObject { version: Some(version.to_owned()), status: Some(status.clone()) }))
}

#[test]
fn a_difference_is_written_once_and_again_after_an_edit_by_others() {
    let mut fixture = Fixture::new();
    let desired = status(TransferOutcome::Unlawful, 1);
    fixture.set_desired(&desired);
    assert_eq!(fixture.due(0).as_deref(), Some("create"));
    assert_eq!(fixture.due(0), None, "it is in flight");
    fixture.written(1, answered("2", &desired));
    // The watch has not delivered it yet.
    assert_eq!(fixture.due(2), None);
    fixture.observe("2", &desired);
    assert_eq!(fixture.due(5), None);

    let lie = status(TransferOutcome::Permitted, 1);
    fixture.observe("3", &lie);
    assert_eq!(fixture.due(6).as_deref(), Some("replace 3"));
    fixture.written(7, answered("4", &desired));
    fixture.observe("4", &desired);
    fixture.writer.apply_watcher_event(&watcher::Event::Delete(object("5", &desired)));
    assert_eq!(fixture.due(8), None, "the store may be behind");
    assert_eq!(fixture.due(11).as_deref(), Some("create"));
    fixture.written(12, answered("6", &desired));
    fixture.observe("6", &desired);
    fixture.desired.delete(key());
    assert_eq!(fixture.due(20).as_deref(), Some("delete"));
}

#[test]
fn counters_wait_for_the_refresh_and_other_changes_do_not() {
    let mut fixture = Fixture::new();
    fixture.observe("1", &status(TransferOutcome::Permitted, 1));
    fixture.set_desired(&status(TransferOutcome::Unlawful, 1));
    assert_eq!(fixture.due(0).as_deref(), Some("replace 1"));
    let written = status(TransferOutcome::Unlawful, 1);
    fixture.written(0, answered("2", &written));
    fixture.observe("2", &written);
    fixture.set_desired(&status(TransferOutcome::Unlawful, 2));
    assert_eq!(fixture.due(299), None);
    assert_eq!(fixture.waiting(), 0);
    assert_eq!(fixture.due(300).as_deref(), Some("replace 2"));
}

#[test]
fn failures_are_retried_with_backoff_and_a_missing_namespace_is_not_waiting() {
    let mut fixture = Fixture::new();
    fixture.set_desired(&status(TransferOutcome::Unlawful, 1));
    let mut at = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(fixture.due(at).as_deref(), Some("create"), "at {at}");
        let failed = kube::Error::LinesCodecMaxLineLengthExceeded;
        fixture.written(at, Err(WriteError::Call(failed.into())));
        assert_eq!(fixture.due(at + pause - 1), None);
        at += pause;
    }
    assert_eq!((fixture.due(at).as_deref(), fixture.waiting()), (Some("create"), 1));
    fixture.written(at, Err(WriteError::NamespaceMissing));
    assert_eq!((fixture.due(at + 59), fixture.waiting()), (None, 0));
    assert_eq!(fixture.due(at + 60).as_deref(), Some("create"));
}

#[test]
fn of_thousands_only_the_worst_are_due_and_no_more_than_can_be_written() {
    let Fixture { desired, start, .. } = Fixture::new();
    let set_desired = |name: &str, outcome| {
        desired.set(named(name), DesiredObject { spec: spec(), status: status(outcome, 1) });
    };
    for index in 0..2 * MAX_DUE {
        set_desired(&format!("fair-{index}"), TransferOutcome::Permitted);
    }
    set_desired("worse", TransferOutcome::Unlawful);
    let mut queue = Queue::default();
    let due = desired.due(0, start);
    assert_eq!(due.len(), MAX_DUE);
    queue.replace(due);
    let slots = FreeSlots { general: 2, reserved: 0 };
    let taken: Vec<_> = (0..2).map(|_| queue.pop(slots, start).unwrap().key).collect();
    assert_eq!(taken[0], named("worse"));
    assert!(taken[1].name.starts_with("fair-"));
    let rest = std::iter::from_fn(|| queue.pop(slots, start)).count();
    assert_eq!((taken.len(), rest), (2, 500 - 2), "the budget of a second");
}
