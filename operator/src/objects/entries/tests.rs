use kube::runtime::{
    reflector::{self, store::Writer},
    watcher,
};
use landfall_api::{TransferOutcome, TransferSpec, TransferStatus, TransferVolume};
use landfall_transfer_law::{AgreementId, EdgeId, Via, WorkloadName};

use super::*;
use crate::objects::{Budget, Precedence, Turn};

type Object = Stored<TransferSpec>;

/// Entries beside what the API server holds, and a clock.
struct Scene {
    entries: Entries<TransferSpec>,
    store: Store<Object>,
    writer: Writer<Object>,
    pace: Pace,
    start: Instant,
}

fn key() -> Key {
    Key { namespace: "crm".to_owned(), name: "sync".to_owned() }
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
    crate::transfers::spec(&EdgeId {
        cluster: "test".to_owned(),
        agreement: AgreementId { namespace: "privacy".to_owned(), name: "avv".to_owned() },
        workload: WorkloadName { namespace: "crm".into(), kind: "Deployment".into(), name: "sync".into() },
        recipient: "openai".to_owned(),
        endpoint: "eu".to_owned(),
        via: Via::Flow,
    })
}

impl Scene {
    fn new() -> Self {
        let (store, writer) = reflector::store();
        let refresh = Duration::from_mins(5);
        let turn = Turn::First(Precedence::default());
        let pace = Pace { substance: Budget::new(1, 100), figures: Budget::new(1, 100), refresh, turn };
        Self { entries: Entries::default(), store, writer, pace, start: Instant::now() }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn want(&mut self, status: &TransferStatus) {
        self.entries.want(key(), Wanted { spec: spec(), status: status.clone() });
    }

    fn shows(&mut self, version: &str, status: &TransferStatus) {
        self.writer.apply_watcher_event(&watcher::Event::Apply(object(version, status)));
    }

    /// What is to be written now, in a word.
    fn due(&mut self, seconds: u64) -> Option<String> {
        let now = self.at(seconds);
        self.entries.compare(&self.store, now);
        self.entries.line_up(self.pace.refresh, now);
        let due = self.entries.take_due(&mut self.pace, 16, now);
        assert!(due.len() <= 1);
        due.into_iter().next().map(|due| match due.action {
            Action::Create(_) => "create".to_owned(),
            Action::Replace(_, version) => format!("replace {}", version.unwrap()),
            Action::Delete => "delete".to_owned(),
        })
    }

    fn written(&mut self, seconds: u64, outcome: Outcome<TransferSpec>) {
        let now = self.at(seconds);
        self.entries.written(&key(), outcome, now);
    }
}

#[test]
fn what_differs_is_written_once_and_again_when_somebody_changes_it() {
    let mut scene = Scene::new();
    let want = status(TransferOutcome::Unlawful, 1);
    scene.want(&want);
    assert_eq!(scene.due(0).as_deref(), Some("create"));
    assert_eq!(scene.due(0), None, "it is under way");
    scene.written(1, Ok(Some(object("2", &want))));
    // The watch has not brought it yet.
    assert_eq!(scene.due(2), None);
    scene.shows("2", &want);
    assert_eq!(scene.due(5), None);

    let lie = status(TransferOutcome::Permitted, 1);
    scene.shows("3", &lie);
    assert_eq!(scene.due(6).as_deref(), Some("replace 3"));
    scene.written(7, Ok(Some(object("4", &want))));
    scene.shows("4", &want);
    scene.writer.apply_watcher_event(&watcher::Event::Delete(object("5", &want)));
    assert_eq!(scene.due(8), None, "the store may be behind");
    assert_eq!(scene.due(11).as_deref(), Some("create"));
    scene.written(12, Ok(Some(object("6", &want))));
    scene.shows("6", &want);
    scene.entries.forget(key());
    assert_eq!(scene.due(20).as_deref(), Some("delete"));
}

#[test]
fn figures_wait_for_their_time_and_substance_does_not() {
    let mut scene = Scene::new();
    scene.shows("1", &status(TransferOutcome::Permitted, 1));
    scene.want(&status(TransferOutcome::Unlawful, 1));
    assert_eq!(scene.due(0).as_deref(), Some("replace 1"));
    let said = status(TransferOutcome::Unlawful, 1);
    scene.written(0, Ok(Some(object("2", &said))));
    scene.shows("2", &said);
    scene.want(&status(TransferOutcome::Unlawful, 2));
    assert_eq!(scene.due(299), None);
    assert_eq!(scene.entries.waiting(), 0);
    assert_eq!(scene.due(300).as_deref(), Some("replace 2"));
}

#[test]
fn failures_are_tried_again_ever_more_rarely_and_without_a_namespace_nothing_waits() {
    let mut scene = Scene::new();
    scene.want(&status(TransferOutcome::Unlawful, 1));
    let mut at = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(scene.due(at).as_deref(), Some("create"), "at {at}");
        let failed = kube::Error::LinesCodecMaxLineLengthExceeded;
        scene.written(at, Err(WriteError::Call(failed.into())));
        assert_eq!(scene.due(at + pause - 1), None);
        at += pause;
    }
    assert_eq!((scene.due(at).as_deref(), scene.entries.waiting()), (Some("create"), 1));
    scene.written(at, Err(WriteError::Homeless));
    assert_eq!((scene.due(at + 59), scene.entries.waiting()), (None, 0));
    assert_eq!(scene.due(at + 60).as_deref(), Some("create"));
}

#[test]
fn of_thousands_the_worst_are_lined_up_and_no_more_than_a_look_can_write() {
    let Scene { mut entries, store, mut pace, start, .. } = Scene::new();
    let named = |name: String| Key { namespace: "crm".to_owned(), name };
    let mut want = |name, outcome| entries.want(named(name), Wanted { spec: spec(), status: status(outcome, 1) });
    for index in 0..2 * LINE {
        want(format!("fair-{index}"), TransferOutcome::Permitted);
    }
    want("worse".to_owned(), TransferOutcome::Unlawful);
    entries.compare(&store, start);
    entries.line_up(pace.refresh, start);
    assert_eq!(entries.line.len(), LINE);
    let taken = entries.take_due(&mut pace, 2, start);
    assert_eq!(taken[0].key, named("worse".to_owned()));
    assert!(taken[1].key.name.starts_with("fair-"));
    assert_eq!((taken.len(), entries.line.len()), (2, LINE - 2));
}
