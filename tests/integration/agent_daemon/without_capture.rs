//! The daemon where nothing is captured and no pods are watched: health and shipping are there all the same.

use std::{
    convert::Infallible,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_agent::{
    afpacket::CaptureStatistics,
    daemon::{Daemon, DaemonError, Settings},
    pipeline::Limits,
    ship::HttpsConfig,
    source::{Frame, Item, LinkType, Source, Tick},
    translation::Translation,
};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::operator::{Authority, Operator};

const PATIENCE: Duration = Duration::from_mins(1);

/// A datagram of eight bytes from 192.0.2.10 to port 4000 of 203.0.113.98.
const DATAGRAM: [u8; 36] = [
    0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 203, 0, 113, 98, //
    0xc3, 0x50, 0x0f, 0xa0, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
];

/// Yields the datagram once, and the time for ever.
#[derive(Default)]
struct Once {
    is_over: bool,
    statistics: CaptureStatistics,
}

impl Source for Once {
    type Error = Infallible;

    const IS_LIVE: bool = true;

    fn next(&mut self) -> Result<Option<Item<'_>>, Infallible> {
        let now = Timestamp::now();
        if !std::mem::replace(&mut self.is_over, true) {
            return Ok(Some(Item::Frame(Frame { at: now, link: LinkType::Ipv4, original_len: 36, data: &DATAGRAM })));
        }
        thread::sleep(Duration::from_millis(20));
        Ok(Some(Item::Tick(Tick { now, dropped: 0, statistics: &self.statistics })))
    }
}

fn settings(operator: &Operator, folder: &TempDir) -> Settings {
    Settings {
        cluster: "test".to_owned(),
        node: "kafka".to_owned(),
        capture: None,
        pods: false,
        limits: Limits::default(),
        operator: HttpsConfig {
            url: format!("https://localhost:{}", operator.address.port()).parse().unwrap(),
            authorities: folder.path().join("ca.crt"),
            token: folder.path().join("token"),
        },
        spool: folder.path().join("spool"),
        spool_cap: 1 << 24,
        configuration: None,
        locations: None,
        local_networks: vec!["192.0.2.0/24".parse().unwrap()],
        translation: Translation::default(),
        listen: "127.0.0.1:0".parse().unwrap(),
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn another_source_is_observed_without_capture_and_without_pods() {
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    fs::write(folder.path().join("token"), "token-1").unwrap();
    let settings = settings(&operator, &folder);
    let (tell, told) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let running = thread::spawn(move || {
        let client = async || panic!("no API server is asked");
        let daemon = Daemon::observe(settings, || Ok(Once::default()), client)?;
        tell.send(daemon.address()).unwrap();
        daemon.run(stopped)
    });
    let Ok(address) = told.recv() else { panic!("{:?}", running.join()) };
    until("it is ready", || get(address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));
    until("what was seen is sent", || operator.look(|ledger| !ledger.kept.is_empty()));
    stop.send(()).unwrap();
    let ended: Result<(), DaemonError> = running.join().unwrap();
    ended.unwrap();
    operator.look(|ledger| {
        let bytes: Vec<_> = ledger.kept.values().map(|line| line["sent"]["bytes"].as_u64().unwrap()).collect();
        assert_eq!((bytes, ledger.violations.as_slice()), (vec![36], [].as_slice()));
    });
}
