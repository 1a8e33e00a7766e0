use std::{path::Path, sync::mpsc::sync_channel, thread};

use jiff::Timestamp;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, Handshake, HostMethod, Initiator, Inspection, Local, Protocol, Transport,
    Window, Workload,
};
use tempfile::TempDir;

use super::*;
use crate::spool::small_disk::SmallDisk;

const PATIENCE: Duration = Duration::from_mins(2);

fn observations(seqs: std::ops::Range<u64>) -> Vec<Observation> {
    let one = |seq| Observation {
        identity: Identity { cluster: "c".to_owned(), agent: "a".to_owned(), epoch: 7, seq },
        window: Window::at(Timestamp::UNIX_EPOCH),
        local: Local::Workload(Workload::unattributed()),
        remote: Endpoint::Address { address: "192.0.2.0/24".parse().unwrap(), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: None,
        },
        location: Vec::new(),
        sent: Direction::default(),
        received: Direction::default(),
        inspection: Inspection::Opaque,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage::default(),
    };
    seqs.map(one).collect()
}

struct Setting {
    queue: SpoolQueue,
    spool: Arc<Mutex<Spool>>,
    writable: IntGauge,
    thread: thread::JoinHandle<Result<(), Lost>>,
}

fn start(folder: &Path, cap: u64) -> Setting {
    let spool = loop {
        match Spool::open(folder, cap) {
            // A child that another test forks shares the lock until it calls exec.
            Err(crate::spool::SpoolError::Locked { .. }) => thread::yield_now(),
            opened => break Arc::new(Mutex::new(opened.unwrap().0)),
        }
    };
    let writable = IntGauge::new("writable", "writable").unwrap();
    let (appended, _wake) = sync_channel(1);
    let (queue, writer) = SpoolWriter::new(Arc::clone(&spool), Readiness::default(), writable.clone(), appended);
    Setting { queue, spool, writable, thread: thread::spawn(move || writer.run()) }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Acknowledges all records; returns their sequence numbers.
fn drain(spool: &Mutex<Spool>) -> Vec<u64> {
    let mut spool = lock(spool);
    let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
    if let Some(last) = peeked.records.last() {
        spool.acknowledge(last.position).unwrap();
    }
    peeked.records.iter().map(|record| record.seq).collect()
}

#[test]
fn a_spool_at_its_cap_has_no_room_until_it_is_emptied() {
    let folder = TempDir::new().unwrap();
    let setting = start(folder.path(), 20_000);
    until("there is room", || setting.queue.has_room());
    setting.queue.push(observations(0..100));
    until("it is full", || !setting.queue.has_room());
    assert_eq!(setting.writable.get(), 1, "which is no fault");
    // Existing observations are written even above the cap.
    setting.queue.push(observations(100..110));
    until("all is kept", || lock(&setting.spool).usage().records == 110);
    assert_eq!(drain(&setting.spool), (0..110).collect::<Vec<_>>());
    until("there is room again", || setting.queue.has_room());
    setting.queue.push(observations(110..120));
    drop(setting.queue);
    setting.thread.join().unwrap().unwrap();
    assert_eq!(drain(&setting.spool), (110..120).collect::<Vec<_>>());
}

#[test]
fn a_disk_that_is_full_keeps_observations_waiting() {
    let Some(disk) = SmallDisk::mount("128k") else { return };
    let setting = start(&disk.path().join("spool"), 1 << 30);
    until("the disk takes anything", || setting.writable.get() == 1 && setting.queue.has_room());
    setting.queue.push(observations(0..1000));
    until("the disk is full", || setting.writable.get() == 0);
    assert!(!setting.queue.has_room());
    let mut got = Vec::new();
    let begun = Instant::now();
    while got.len() < 1000 {
        assert!(begun.elapsed() < PATIENCE, "{} of 1000", got.len());
        got.extend(drain(&setting.spool));
        thread::sleep(Duration::from_millis(5));
    }
    until("the disk takes more", || setting.writable.get() == 1 && setting.queue.has_room());
    drop(setting.queue);
    setting.thread.join().unwrap().unwrap();
    assert_eq!(got, (0..1000).collect::<Vec<_>>());
}
