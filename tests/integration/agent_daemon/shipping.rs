//! From the spool to the operator through whatever can go wrong on the way.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use landfall_agent::{
    metrics::Metrics,
    ship::{AgentIdentity, HttpsConfig, HttpsTransport, Shipper, Step},
    spool::{Entry, Spool},
};
use tempfile::TempDir;

use super::operator::{Authority, Fault, Operator};

const PATIENCE: Duration = Duration::from_mins(1);

/// An agent's way out: a spool, and the files that a pod has.
struct Way {
    folder: TempDir,
    spool: Arc<Mutex<Spool>>,
    metrics: Metrics,
}

fn entries(epoch: u64, seqs: std::ops::Range<u64>) -> Vec<Entry> {
    let line = |seq| format!(r#"{{"cluster":"c","agent":"node-1","epoch":{epoch},"seq":{seq}}}"#);
    seqs.map(|seq| Entry { epoch, seq, line: line(seq) }).collect()
}

impl Way {
    fn new(authority: &Authority) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
        fs::write(folder.path().join("token"), "token-1\n").unwrap();
        let (spool, _) = Spool::open(&folder.path().join("spool"), 1 << 24).unwrap();
        Self { folder, spool: Arc::new(Mutex::new(spool)), metrics: Metrics::new().unwrap() }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, entries: &[Entry]) {
        self.spool.lock().unwrap().append(entries).unwrap();
    }

    fn shipper(&self, operator: &Operator) -> Shipper<HttpsTransport> {
        let url = format!("https://localhost:{}", operator.address.port()).parse().unwrap();
        let direct =
            HttpsTransport::new(HttpsConfig { url, authorities: self.path("ca.crt"), token: self.path("token") });
        let ours = AgentIdentity { cluster: "c".to_owned(), agent: "node-1".to_owned() };
        Shipper::new(Arc::clone(&self.spool), direct, ours, Arc::clone(&self.metrics.ship))
    }

    /// What failed so far, by kind.
    fn failures(&self, kind: &str) -> u64 {
        let families = self.metrics.registry().gather();
        let family = families.iter().find(|family| family.name() == "landfall_agent_ship_failures_total").unwrap();
        let of_kind = family.get_metric().iter().find(|metric| metric.get_label()[0].value() == kind);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let count = of_kind.unwrap().get_counter().get_value() as u64;
        count
    }
}

/// Sends until nothing is left.
fn send_all(shipper: &mut Shipper<HttpsTransport>) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "still not sent");
        match shipper.step() {
            Step::Idle => return,
            Step::Moved => {}
            Step::Wait(wait) => thread::sleep(wait),
        }
    }
}

fn quarantined(spool: &Path) -> Vec<u64> {
    let text = fs::read_to_string(spool.join("quarantine.ndjson")).unwrap();
    text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_u64().unwrap()).collect()
}

#[test]
fn every_observation_arrives_once_through_all_faults() {
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    let way = Way::new(&authority);
    // What an earlier run has left goes first.
    way.append(&entries(5, 0..30));
    way.append(&entries(7, 0..25_000));
    operator.refuse(7, 17);
    operator.refuse(7, 12_345);
    let faults = [
        Fault::DropBefore,
        Fault::Status(500),
        Fault::DropAfter,
        Fault::Partial(10),
        Fault::Busy(429),
        Fault::Status(404),
        Fault::Partial(9_000),
        Fault::Busy(503),
        Fault::DropAfter,
        Fault::Status(400),
    ];
    operator.fail(&faults);
    let mut shipper = way.shipper(&operator);
    send_all(&mut shipper);
    way.append(&entries(7, 25_000..25_010));
    send_all(&mut shipper);

    let expected: BTreeSet<_> = (0..30)
        .map(|seq| (5, seq))
        .chain((0..25_010).filter(|seq| ![17, 12_345].contains(seq)).map(|seq| (7, seq)))
        .collect();
    operator.look(|ledger| {
        assert_eq!(ledger.violations, [""; 0]);
        assert_eq!(ledger.faults, faults);
        assert!(ledger.kept.keys().copied().eq(expected.iter().copied()), "{} kept", ledger.kept.len());
        // Only what was kept without our being told comes again.
        assert!(ledger.again > 0 && ledger.again <= 20_010, "{}", ledger.again);
    });
    assert_eq!(quarantined(&way.path("spool")), [17, 12_345]);
    assert_eq!(way.spool.lock().unwrap().usage().records, 0);
    drop(shipper);
}

#[test]
fn a_certificate_of_a_new_authority_is_believed_within_a_bundle() {
    let (old, new) = (Authority::new(), Authority::new());
    let operator = Operator::start(&old);
    let way = Way::new(&old);
    let mut shipper = way.shipper(&operator);
    way.append(&entries(7, 0..10));
    send_all(&mut shipper);
    // The token rotates, too.
    fs::write(way.path("token"), "token-2").unwrap();
    fs::write(way.path("ca.crt"), old.pem() + &new.pem()).unwrap();
    operator.change_certificate(&new);
    way.append(&entries(7, 10..20));
    send_all(&mut shipper);
    fs::write(way.path("ca.crt"), new.pem()).unwrap();
    way.append(&entries(7, 20..30));
    send_all(&mut shipper);
    assert_eq!(way.failures("tls"), 0);
    operator.look(|ledger| {
        assert_eq!((ledger.kept.len(), ledger.again), (30, 0));
        assert_eq!(ledger.tokens, ["token-1", "token-2", "token-2"]);
    });

    // An operator with a certificate that nobody vouches for is told nothing.
    operator.change_certificate(&old);
    fs::write(way.path("ca.crt"), new.pem() + "\n").unwrap();
    way.append(&entries(7, 30..40));
    assert!(matches!(shipper.step(), Step::Wait(_)));
    assert_eq!(way.failures("tls"), 1);
    operator.look(|ledger| assert_eq!(ledger.kept.len(), 30));
    fs::write(way.path("ca.crt"), old.pem()).unwrap();
    send_all(&mut shipper);
    operator.look(|ledger| assert_eq!(ledger.kept.len(), 40));
}

#[test]
fn an_operator_whose_certificate_has_ended_is_told_nothing_until_it_has_another() {
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    operator.let_certificate_expire(&authority);
    let way = Way::new(&authority);
    let mut shipper = way.shipper(&operator);
    way.append(&entries(7, 0..10));
    assert!(matches!(shipper.step(), Step::Wait(_)));
    assert_eq!(way.failures("tls"), 1);
    operator.look(|ledger| assert_eq!(ledger.kept.len(), 0));
    operator.change_certificate(&authority);
    send_all(&mut shipper);
    operator.look(|ledger| assert_eq!((ledger.kept.len(), ledger.again), (10, 0)));
}

#[test]
fn a_process_that_starts_anew_sends_what_is_left() {
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    let way = Way::new(&authority);
    way.append(&entries(7, 0..100));
    operator.fail(&[Fault::Partial(40)]);
    assert_eq!(way.shipper(&operator).step(), Step::Moved);
    let Way { folder, spool, metrics } = way;
    drop(spool);
    let (spool, recovered) = Spool::open(&folder.path().join("spool"), 1 << 24).unwrap();
    assert_eq!(recovered.records, 60);
    let way = Way { folder, spool: Arc::new(Mutex::new(spool)), metrics };
    way.append(&entries(9, 0..5));
    send_all(&mut way.shipper(&operator));
    operator.look(|ledger| {
        assert_eq!((ledger.kept.len(), ledger.again), (105, 0));
        assert_eq!(ledger.violations, [""; 0]);
    });
}

#[test]
fn nobody_there_costs_nothing_but_time() {
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    let way = Way::new(&authority);
    let mut shipper = way.shipper(&operator);
    way.append(&entries(7, 0..10));
    let address = operator.address;
    drop(operator);
    for _ in 0..3 {
        assert!(matches!(shipper.step(), Step::Wait(_)));
    }
    assert!(way.failures("network") >= 2, "{address}");
    assert_eq!(way.spool.lock().unwrap().usage().records, 10);
}
