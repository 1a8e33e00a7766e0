//! The pipeline driven by a clock, as a live source does.

use landfall_observation::{DataCategory, Direction, Handshake, Initiator, Local};

use super::*;
use crate::{locate::LocatorConfig, source::LinkType};

/// 40 s after a full minute.
const START: i64 = 1_780_000_000;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(START * 1000 + milliseconds).unwrap()
}

fn observer() -> Observer {
    observer_of(Workloads::default())
}

fn observer_of(workloads: Workloads) -> Observer {
    Observer::new(ObserverConfig {
        cluster: "test".into(),
        agent: "test".into(),
        epoch: 1,
        configuration: AgentConfiguration::default(),
        workloads,
        locator: Locator::open(&LocatorConfig::default()).unwrap(),
        limits: Limits::default(),
    })
}

/// A segment from 192.0.2.10:40000 to 203.0.113.98:80.
fn segment(seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(40 + payload.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 10, 203, 0, 113, 98, 0x9c, 0x40, 0, 80]);
    packet.extend(seq.to_be_bytes());
    packet.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

fn feed(observer: &mut Observer, milliseconds: i64, packet: &[u8]) -> Vec<Observation> {
    let original_len = u32::try_from(packet.len()).unwrap();
    observer.frame(&Frame { at: at(milliseconds), link: LinkType::Ipv4, original_len, data: packet })
}

fn reported(observations: &[Observation]) -> Vec<(Option<&str>, u64)> {
    observations.iter().map(|one| (one.channel.host.as_deref(), one.sent.packets)).collect()
}

#[test]
fn a_flow_is_reported_with_its_host_as_soon_as_that_is_known() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, 2, b""));
    assert_eq!(reported(&observer.tick(at(600))), []);
    feed(&mut observer, 700, &segment(1, 0x18, b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n"));
    feed(&mut observer, 750, &answered(ACK));
    assert_eq!(reported(&observer.tick(at(1100))), [(Some("one.example"), 2)]);
    // Its key is known now; the rest comes with the minute.
    feed(&mut observer, 1200, &segment(38, 0x10, b""));
    assert_eq!(reported(&observer.tick(at(2000))), []);
    assert_eq!(reported(&observer.tick(at(60_000))), [(Some("one.example"), 1)]);
    assert_eq!(reported(&observer.finish()), []);
}

#[test]
fn a_flow_that_shows_no_host_is_reported_within_two_seconds() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, 2, b""));
    let first = (0..).step_by(100).find(|&now| !observer.tick(at(now)).is_empty()).unwrap();
    assert!((1250..=1900).contains(&first), "{first}");
}

#[test]
fn a_request_after_the_end_of_the_minute_still_names_the_flow() {
    let mut observer = observer();
    feed(&mut observer, 19_900, &segment(0, 2, b""));
    let mut all = observer.tick(at(20_050));
    all.extend(feed(&mut observer, 20_100, &segment(1, 0x18, b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n")));
    all.extend(observer.tick(at(20_600)));
    assert_eq!(reported(&all), [(Some("one.example"), 2)]);
}

#[test]
fn ticks_without_frames_end_flows_and_minutes() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, 2, b""));
    let mut all = Vec::new();
    for now in (0..400_000).step_by(100) {
        all.extend(observer.tick(at(now)));
    }
    assert_eq!(reported(&all), [(None, 1)]);
    assert_eq!((observer.counters().table.opened, observer.counters().table.live), (1, 0));
}

#[test]
fn a_scan_of_a_hundred_thousand_hosts_is_few_observations_and_every_byte() {
    let mut observer = observer();
    let mut all = Vec::new();
    let hosts = 100_000_u32;
    for host in 0..hosts {
        let mut packet = segment(0, 2, b"");
        // One in each /24, and all within 15 s.
        let [_, high, middle, low] = host.to_be_bytes();
        packet[16..20].copy_from_slice(&[20 + high, middle, low, 1]);
        let now = i64::from(host) * 15 / 100;
        all.extend(feed(&mut observer, now, &packet));
        if host % 1_000 == 0 {
            all.extend(observer.tick(at(now)));
        }
    }
    let merged = observer.merged();
    all.extend(observer.finish());
    let (packets, bytes) = all.iter().fold((0, 0), |sum, one| (sum.0 + one.sent.packets, sum.1 + one.sent.bytes));
    assert_eq!((packets, bytes), (u64::from(hosts), 40 * u64::from(hosts)));
    assert!((501..=502).contains(&all.len()) && merged > 0, "{} {merged}", all.len());
}

/// A packet of an IP protocol to an IPv4 address.
fn datagram(protocol: u8, dst: [u8; 4]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 36, 0, 0, 0, 0, 1, protocol, 0, 0, 192, 0, 2, 10];
    packet.extend(dst);
    packet.extend([0x14, 0xe9, 0x14, 0xe9, 0, 16, 0, 0]);
    packet.extend([0; 8]);
    packet
}

#[test]
fn link_local_traffic_is_a_flow_and_no_observation() {
    let igmp = datagram(2, [224, 0, 0, 22]);
    let others = [datagram(17, [224, 0, 0, 251]), datagram(17, [255; 4])];
    let to_somebody = datagram(17, [239, 255, 255, 250]);
    let packets = [&igmp, &others[0], &to_somebody, &igmp, &others[1]];

    let mut observer = observer();
    let mut reader = FlowReader::new(Limits::default());
    let mut flows = Vec::new();
    let mut all = Vec::new();
    for (packet, milliseconds) in packets.iter().zip(0..) {
        all.extend(feed(&mut observer, milliseconds, packet));
        let frame = Frame { at: at(milliseconds), link: LinkType::Ipv4, original_len: 36, data: packet };
        reader.frame(&frame, &mut |record| flows.push(record.key.dst.to_string()));
    }
    all.extend(observer.tick(at(5_000)));
    assert_eq!((reported(&all), observer.link_bytes()), (vec![(None, 1)], 4 * 36));
    assert_eq!(observer.counters().decoded.ip_bytes, 5 * 36);
    reader.finish(&mut |record| flows.push(record.key.dst.to_string()));
    assert_eq!(flows, ["224.0.0.22", "224.0.0.251", "239.255.255.250", "255.255.255.255"]);
    assert_eq!(observer.finish(), []);
}

#[test]
fn what_one_own_workload_sends_to_another_shows_what_both_hold_and_stands_once() {
    let both = "- {cidr: 192.0.2.10/32, namespace: crm, kind: Deployment, name: web}
- {cidr: 203.0.113.98/32, namespace: crm, kind: Deployment, name: core}
";
    let mut observer = observer_of(Workloads::parse("workloads.yaml", both.as_bytes()).unwrap());
    let body = "{\"email\":\"jo.doe@mail.example\"}";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: core\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    feed(&mut observer, 0, &segment(0, 2, b""));
    feed(&mut observer, 10, &segment(1, 0x18, request.as_bytes()));
    let mut reported: Vec<_> = observer
        .finish()
        .into_iter()
        .map(|one| {
            let Local::Workload(local) = one.local else { panic!("expected a workload") };
            let found = |direction: Direction| {
                let categories: Vec<_> = direction.findings.into_iter().map(|finding| finding.category).collect();
                (direction.bytes, categories)
            };
            (local.name, one.initiator, found(one.sent), found(one.received))
        })
        .collect();
    reported.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let (bytes, email) = (80 + request.len() as u64, vec![DataCategory::EMAIL_ADDRESS]);
    let expected = [
        ("core".to_owned(), Initiator::Remote, (0, vec![]), (0, email.clone())),
        ("web".to_owned(), Initiator::Local, (bytes, email), (0, vec![])),
    ];
    assert_eq!(reported, expected);
}

/// A segment the other way, from 203.0.113.98:80.
fn answered(flags: u8) -> Vec<u8> {
    let mut packet = segment(0, flags, b"");
    packet[12..20].copy_from_slice(&[203, 0, 113, 98, 192, 0, 2, 10]);
    packet[20..24].copy_from_slice(&[0, 80, 0x9c, 0x40]);
    packet
}

const SYN: u8 = 2;
const RST_ACK: u8 = 0x14;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const PUSH_ACK: u8 = 0x18;

/// The handshake and the connections of each observation.
fn handshakes(observations: &[Observation]) -> Vec<(Handshake, u64)> {
    observations.iter().map(|one| (one.handshake, one.sent.connections)).collect()
}

#[test]
fn an_attempt_is_reported_in_its_first_delta_and_never_changed() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, SYN, b""));
    let first = observer.tick(at(1900));
    assert_eq!((reported(&first), handshakes(&first)), (vec![(None, 1)], vec![(Handshake::Unanswered, 0)]));
    feed(&mut observer, 2000, &answered(RST_ACK));
    let refused = observer.finish();
    assert_eq!(handshakes(&refused), [(Handshake::Refused, 0)]);
    assert_eq!((refused[0].sent.bytes, refused[0].received.bytes), (0, 40));
}

#[test]
fn a_connection_that_is_accepted_late_is_separate_from_its_attempt() {
    let mut observer = observer();
    let request = b"POST / HTTP/1.1\r\nHost: one.example\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{\"email\":\"erika@example.org\"}\n";
    // In the SYN, as TCP Fast Open sends it.
    feed(&mut observer, 0, &segment(0, SYN, request));
    let attempt = observer.tick(at(1900));
    assert_eq!(handshakes(&attempt), [(Handshake::Unanswered, 0)]);
    assert_eq!(attempt[0].sent.findings, []);
    feed(&mut observer, 2000, &answered(SYN_ACK));
    let accepted = observer.finish();
    assert_eq!(handshakes(&accepted), [(Handshake::Completed, 1)]);
    let categories: Vec<_> = accepted[0].sent.findings.iter().map(|finding| finding.category.clone()).collect();
    assert_eq!(categories, [DataCategory::EMAIL_ADDRESS]);
}

#[test]
fn a_connection_that_was_seen_from_one_side_only_says_so_without_further_bytes() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, SYN, b""));
    feed(&mut observer, 10, &segment(1, ACK, b""));
    feed(&mut observer, 20, &segment(1, PUSH_ACK, b"hello"));
    let first = observer.tick(at(1900));
    let last = observer.finish();
    let reported = |all: &[Observation]| -> Vec<_> {
        all.iter().map(|one| (one.sent.bytes, one.received.bytes, one.coverage.one_sided)).collect()
    };
    assert_eq!(reported(&first), [(125, 0, false)]);
    assert_eq!(reported(&last), [(0, 0, true)]);
    assert!(first.iter().chain(&last).all(|one| one.validate().is_ok()));
}

#[test]
fn findings_in_a_refused_syn_are_reported_with_the_attempt() {
    let request = b"POST / HTTP/1.1\r\nHost: one.example\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{\"email\":\"erika@example.org\"}\n";
    for refused in [false, true] {
        let mut observer = observer();
        feed(&mut observer, 0, &segment(0, SYN, request));
        let mut all = observer.tick(at(1900));
        if refused {
            feed(&mut observer, 2000, &answered(RST_ACK));
        }
        all.extend(observer.finish());
        assert!(all.iter().all(|one| !one.handshake.is_completed()), "{all:?}");
        let found: Vec<_> = all.iter().flat_map(|one| &one.sent.findings).map(|one| one.category.clone()).collect();
        assert_eq!(found, [DataCategory::EMAIL_ADDRESS]);
    }
}

#[test]
fn data_without_its_answers_is_no_attempt() {
    let mut observer = observer();
    feed(&mut observer, 0, &segment(0, SYN, b""));
    feed(&mut observer, 10, &segment(1, PUSH_ACK, b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n"));
    let all = observer.finish();
    assert_eq!((reported(&all), handshakes(&all)), (vec![(Some("one.example"), 2)], vec![(Handshake::Completed, 1)]));
}

#[test]
fn neighbours_and_broadcast_frames_are_counted_and_no_observation() {
    let mut observer = observer();
    // A neighbour solicitation between global addresses.
    let mut solicitation = vec![0x60, 0, 0, 0, 0, 24, 58, 255];
    for last in [1, 2] {
        solicitation.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    solicitation.extend([135, 0, 0, 0]);
    solicitation.resize(64, 0);
    observer.frame(&frame(LinkType::Ipv6, &solicitation));
    // NetBIOS to everybody on a link whose prefix is not known.
    let mut broadcast = vec![0xff; 6];
    broadcast.extend([2, 0, 0, 0, 0, 1, 8, 0]);
    broadcast.extend(datagram(17, [192, 0, 2, 255]));
    observer.frame(&frame(LinkType::Ethernet, &broadcast));
    assert_eq!((observer.tick(at(5000)).len(), observer.link_bytes()), (0, 64 + 36));
    // The same as unicast counts for its receiver.
    broadcast[..6].copy_from_slice(&[2, 0, 0, 0, 0, 2]);
    observer.frame(&frame(LinkType::Ethernet, &broadcast));
    assert_eq!(observer.finish().len(), 1);
}

fn frame(link: LinkType, data: &[u8]) -> Frame<'_> {
    Frame { at: at(0), link, original_len: u32::try_from(data.len()).unwrap(), data }
}

#[test]
fn a_truncated_address_says_in_which_prefixes_it_is_not() {
    let mut observer = observer();
    let keep = |prefixes: &[&str]| AgentConfiguration {
        keep_prefixes: prefixes.iter().map(|prefix| prefix.parse().unwrap()).collect(),
        ..AgentConfiguration::default()
    };
    feed(&mut observer, 0, &datagram(17, [203, 0, 113, 98]));
    let before = observer.tick(at(1000));
    observer.configure(keep(&["203.0.113.0/28"]));
    feed(&mut observer, 2000, &datagram(17, [203, 0, 113, 98]));
    feed(&mut observer, 2000, &datagram(17, [203, 0, 113, 9]));
    let after = observer.tick(at(3000));
    let remotes = |observations: &[Observation]| -> Vec<String> {
        let remotes = observations.iter().map(|one| serde_json::to_string(&one.remote).unwrap());
        let mut remotes: Vec<_> = remotes.collect();
        remotes.sort();
        remotes
    };
    assert_eq!(remotes(&before), [r#"{"address":"203.0.113.0/24"}"#]);
    let expected = [r#"{"address":"203.0.113.0/24","outside":["203.0.113.0/28"]}"#, r#"{"address":"203.0.113.9/32"}"#];
    assert_eq!(remotes(&after), expected);
}
