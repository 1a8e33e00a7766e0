//! Observations: every byte and every finding of the flows stands in exactly one of them.

use std::{collections::BTreeSet, path::Path};

use landfall_agent::{
    attribution::Workloads,
    flow::Limits,
    flow_line::FlowLine,
    inspect::Detectors,
    locate::{Locator, LocatorConfig},
    pipeline::{FlowReader, Observer, ObserverConfig},
    source::CaptureFile,
};
use landfall_observation::{AgentConfiguration, Finding, Observation};

use crate::support::{captures, root};

fn observer(limits: Limits) -> Observer {
    Observer::new(ObserverConfig {
        cluster: "test".into(),
        agent: "test".into(),
        epoch: 1,
        configuration: AgentConfiguration::default(),
        workloads: Workloads::from_yaml(&root().join("examples/traffic/workloads.yaml")).unwrap(),
        locator: Locator::open(&LocatorConfig::from_dir(&root().join("examples/locations")).unwrap()).unwrap(),
        limits,
    })
}

fn observe(mut capture: CaptureFile, limits: Limits) -> Vec<Observation> {
    let mut observer = observer(limits);
    let mut all = Vec::new();
    while let Some(frame) = capture.next_frame().unwrap() {
        all.extend(observer.frame(&frame));
    }
    all.extend(observer.finish());
    all
}

/// Bytes and packets of all flows, and how often each category matched in them.
fn flow_totals(path: &Path) -> (u64, u64) {
    let mut capture = CaptureFile::open(path).unwrap();
    let mut reader = FlowReader::new(Limits::default());
    let mut totals = (0, 0);
    let mut count = |record: landfall_agent::flow::FlowRecord<_>| {
        totals.0 += record.out.bytes + record.back.bytes;
        totals.1 += record.out.packets + record.back.packets;
    };
    while let Some(frame) = capture.next_frame().unwrap() {
        reader.frame(&frame, &mut count);
    }
    reader.finish(&mut count);
    totals
}

fn findings(observations: &[Observation]) -> impl Iterator<Item = &Finding> {
    observations.iter().flat_map(|one| one.sent.findings.iter().chain(&one.received.findings))
}

#[test]
fn every_byte_of_the_flows_stands_in_one_observation() {
    for path in captures() {
        let observations = observe(CaptureFile::open(&path).unwrap(), Limits::default());
        let totals = observations.iter().fold((0, 0), |(bytes, packets), one| {
            (bytes + one.sent.bytes + one.received.bytes, packets + one.sent.packets + one.received.packets)
        });
        assert_eq!(totals, flow_totals(&path), "{}", path.display());
        for observation in &observations {
            assert_eq!(observation.validate(), Ok(()), "{}", path.display());
        }
        let numbers: BTreeSet<u64> = observations.iter().map(|one| one.identity.seq).collect();
        assert_eq!(numbers, (0..observations.len() as u64).collect(), "{}", path.display());
    }
}

#[test]
fn little_memory_loses_no_bytes_on_the_way_to_observations() {
    let tight = Limits { memory_bytes: 64 * 1024, ..Limits::default() };
    for path in captures() {
        let observations = observe(CaptureFile::open(&path).unwrap(), tight);
        let bytes: u64 = observations.iter().map(|one| one.sent.bytes + one.received.bytes).sum();
        assert_eq!(bytes, flow_totals(&path).0, "{}", path.display());
    }
}

#[test]
fn a_frame_from_the_far_future_does_not_keep_later_minutes_open() {
    const FUTURE: u32 = 2_000_000_000;
    let capture = capture_of(&[(FUTURE, b"a"), (60, b"b"), (120, b"c"), (119, b"d"), (61, b"e"), (180, b"f")]);
    let mut capture = CaptureFile::from_reader("built", std::io::Cursor::new(capture)).unwrap();
    let mut observer = observer(Limits::default());
    let (mut counts, mut all) = (Vec::new(), Vec::new());
    while let Some(frame) = capture.next_frame().unwrap() {
        let closed = observer.frame(&frame);
        counts.push(closed.len());
        all.extend(closed);
    }
    // The future ends the first minute, the step back ends the future. What is late by no more than a
    // minute ends nothing.
    assert_eq!(counts, [0, 1, 1, 1, 0, 0, 1]);
    all.extend(observer.finish());
    assert_eq!(all.iter().map(|one| one.sent.packets).sum::<u64>(), 7);
    assert!(all.iter().all(|one| one.validate().is_ok()));
}

/// The lines of all flows of a capture, sorted, and how many findings the flows hold.
fn flow_lines(mut capture: CaptureFile, limits: Limits, detectors: Detectors) -> (Vec<String>, usize) {
    let mut reader = FlowReader::new(limits);
    if detectors == Detectors::Off {
        reader = reader.without_detectors();
    }
    let (mut lines, mut found) = (Vec::new(), 0);
    let mut keep = |mut record: landfall_agent::flow::FlowRecord<landfall_agent::inspect::Inspection>| {
        lines.push(serde_json::to_string(&FlowLine::from(&record)).unwrap());
        found += record.inspection.take_findings().len();
        // What is held behind gaps is read at a flow's end, and may name further hosts.
        record.inspection.finish();
        lines.push(serde_json::to_string(&FlowLine::from(&record)).unwrap());
        found += record.inspection.take_findings().len();
    };
    while let Some(frame) = capture.next_frame().unwrap() {
        reader.frame(&frame, &mut keep);
    }
    reader.finish(&mut keep);
    lines.sort();
    (lines, found)
}

#[test]
fn flows_are_the_same_without_the_detectors() {
    // Bodies of every framing and coding, one after the other on one connection, so that a host that is stated behind
    // a body is only seen where the body's end is.
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, br#"{"email":"erika@example.org"}"#).unwrap();
        encoder.finish().unwrap()
    };
    let mut payload = request("one.example", r#"{"email":"erika@example.org"}"#).into_bytes();
    let coded = "POST / HTTP/1.1\r\nHost: two.example\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n";
    payload.extend(format!("{coded}Content-Length: {}\r\n\r\n", gzip.len()).bytes());
    payload.extend(&gzip);
    payload.extend(b"POST / HTTP/1.1\r\nHost: three.example\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n");
    payload.extend(br#"{"email":"erika@example.org"}"#);
    payload.extend(b"\r\n0\r\n\r\nGET /?mail=erika%40example.org HTTP/1.1\r\nHost: four.example\r\n\r\n");
    payload.extend(request("five.example", "erika@example.org").bytes());
    for cut in [1, 7, 300, payload.len()] {
        let segments: Vec<_> = payload.chunks(cut).map(|part| (0, part)).collect();
        let built = || CaptureFile::from_reader("built", std::io::Cursor::new(capture_of(&segments))).unwrap();
        let (with, found) = flow_lines(built(), Limits::default(), Detectors::On);
        assert_eq!(flow_lines(built(), Limits::default(), Detectors::Off), (with.clone(), 0), "cut at {cut}");
        assert_eq!(found, 5);
        let named = ["one", "two", "three", "four", "five"].map(|host| with[0].contains(&format!("{host}.example")));
        assert_eq!(named, [true; 5]);
    }
    let mut found = 0;
    for path in captures() {
        let opened = || CaptureFile::open(&path).unwrap();
        let with = flow_lines(opened(), Limits::default(), Detectors::On);
        assert_eq!(flow_lines(opened(), Limits::default(), Detectors::Off), (with.0, 0), "{}", path.display());
        found += with.1;
    }
    assert!(found > 0, "the example captures hold findings");
}

/// A request with a JSON body.
fn request(host: &str, body: &str) -> String {
    let len = body.len();
    format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len}\r\n\r\n{body}")
}

#[test]
fn further_hosts_of_one_connection_have_observations_of_their_own_without_bytes() {
    let payload = request("one.example", r#"{"email":"erika@example.org"}"#)
        + &request("two.example", r#"{"iban":"DE02120300000000202051"}"#);
    let capture =
        CaptureFile::from_reader("built", std::io::Cursor::new(capture_of(&[(0, payload.as_bytes())]))).unwrap();
    let observations = observe(capture, Limits::default());
    let mut seen: Vec<_> = observations
        .iter()
        .map(|one| {
            let found: Vec<_> = one.sent.findings.iter().map(|finding| finding.detector.as_str()).collect();
            (one.channel.host.as_deref().unwrap(), one.sent.bytes > 0, found)
        })
        .collect();
    seen.sort();
    assert_eq!(seen, [("one.example", true, vec!["email"]), ("two.example", false, vec!["iban"])]);
}

#[test]
fn a_further_host_keeps_its_findings_in_a_minute_of_its_own() {
    let one = request("one.example", r#"{"email":"erika@example.org"}"#);
    let two = request("two.example", r#"{"iban":"DE02120300000000202051"}"#);
    let capture = capture_of(&[(0, one.as_bytes()), (90, two.as_bytes())]);
    let observations =
        observe(CaptureFile::from_reader("built", std::io::Cursor::new(capture)).unwrap(), Limits::default());
    let found: BTreeSet<_> = observations
        .iter()
        .flat_map(|one| one.sent.findings.iter().map(|found| (one.channel.host.as_deref(), found.detector.as_str())))
        .collect();
    assert_eq!(found, BTreeSet::from([(Some("one.example"), "email"), (Some("two.example"), "iban")]));
}

#[test]
fn what_a_flow_carries_is_reported_though_the_capture_ends_in_the_message() {
    let cut = b"POST / HTTP/1.1\r\nHost: one.example\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{\"email\":\"erika@example.org\",";
    let capture = CaptureFile::from_reader("built", std::io::Cursor::new(capture_of(&[(0, cut)]))).unwrap();
    let observations = observe(capture, Limits::default());
    assert_eq!(findings(&observations).map(|finding| finding.detector.as_str()).collect::<Vec<_>>(), ["email"]);
}

/// A pcap of raw IPv4: a SYN and segments with their second, from 192.0.2.10 to 203.0.113.98:80.
pub(crate) fn capture_of(segments: &[(u32, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    let syn = (0, 0x02_u8, &b""[..]);
    let mut seq = 1_u32;
    for (second, flags, payload) in [syn].into_iter().chain(segments.iter().map(|(at, payload)| (*at, 0x18, *payload)))
    {
        let total = u16::try_from(40 + payload.len()).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend(total.to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 10, 203, 0, 113, 98]);
        packet.extend([0x9c, 0x40, 0, 80]);
        packet.extend(seq.to_be_bytes());
        packet.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(payload);
        for word in [1_780_000_000 + second, 0, u32::from(total), u32::from(total)] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
        seq += u32::try_from(payload.len()).unwrap().max(1);
    }
    file
}
