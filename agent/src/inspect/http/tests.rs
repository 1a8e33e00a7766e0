use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use landfall_observation::{DataCategory, HostMethod, Inspection, Name, Tls, TlsVersion};

use super::*;
use crate::{
    flow::Inspect,
    inspect::{DirectionFindings, tests::bench::Bench},
    parse::tls::sample,
};

const MAIL: &str = "erika.mustermann@example.org";

fn http(head: &str, body: &str) -> Vec<u8> {
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}

fn post(host: &str, body: &str) -> Vec<u8> {
    http(
        &format!("POST /contacts HTTP/1.1\nHost: {host}\nContent-Type: text/plain\nContent-Length: {}", body.len()),
        body,
    )
}

fn ok(body: &str) -> Vec<u8> {
    http(&format!("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: {}", body.len()), body)
}

fn bench() -> Bench {
    let mut bench = Bench::new(8080);
    bench.open();
    bench
}

/// Matches and records of e-mail addresses, and the bytes read.
fn mails(found: &DirectionFindings) -> (u64, u64) {
    let of_kind = |f: &&landfall_observation::Finding| f.category == DataCategory::EMAIL_ADDRESS;
    found.findings.iter().find(of_kind).map_or((0, 0), |f| (f.matches, f.records))
}

/// The same for both directions of the flow, since the last call.
fn taken(bench: &mut Bench) -> [(u64, u64); 2] {
    bench.found().each_ref().map(mails)
}

#[test]
fn an_exchange_has_its_host_and_its_findings_by_direction() {
    let mut bench = bench();
    bench.say(Way::Out, &post("crm.example.org:8080", &format!("mail: {MAIL}")));
    bench.say(Way::Back, &ok("thank you"));
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.inspection), ("http", Inspection::Plaintext));
    assert_eq!((facts.host.as_deref(), facts.host_method), (Some("crm.example.org"), HostMethod::HttpHost));
    let [out, back] = bench.found();
    assert_eq!((mails(&out), mails(&back)), ((1, 1), (0, 0)));
    assert_eq!(out.findings[0].places, [landfall_observation::Place::Body]);
    assert_eq!(out.payload_bytes_seen, "mail: ".len() as u64 + MAIL.len() as u64);
    assert_eq!(back.payload_bytes_seen, "thank you".len() as u64);
    assert_eq!(bench.found(), <[DirectionFindings; 2]>::default(), "taken once");
}

#[test]
fn query_fields_and_body_of_a_message_are_one_record() {
    let mut bench = bench();
    let head = format!(
        "POST /s?mail={} HTTP/1.1\nHost: a.example\nX-User: {MAIL}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {}",
        MAIL.replace('@', "%40"),
        MAIL.len() + 2,
    );
    bench.say(Way::Out, &http(&head, &format!("m={MAIL}")));
    assert_eq!(taken(&mut bench), [(3, 1), (0, 0)]);
}

#[test]
fn every_content_type_of_text_is_read_and_binary_is_not() {
    let body = format!("{{\"mail\": \"{MAIL}\"}}");
    let cases = [
        ("Content-Type: application/json", 1),
        ("Content-Type: application/vnd.api+json", 1),
        ("Content-Type: text/csv", 1),
        ("Content-Type: multipart/form-data; boundary=b", 1),
        ("Content-Type: application/x-unheard-of", 1),
        ("X-None: x", 1),
        ("Content-Type: image/png", 0),
        ("Content-Type: application/octet-stream", 0),
        ("Content-Type: application/json\nContent-Encoding: br", 0),
    ];
    for (field, matches) in cases {
        let mut bench = bench();
        let head = format!("POST / HTTP/1.1\nHost: a.example\n{field}\nContent-Length: {}", body.len());
        bench.say(Way::Out, &http(&head, &body));
        assert_eq!(taken(&mut bench)[0].0, matches, "{field}");
    }
}

#[test]
fn an_exchange_is_read_whatever_the_segments() {
    let chunked = format!("10\r\n{}\r\nc\r\n{}\r\n0\r\n\r\n", &MAIL[..16], &MAIL[16..]);
    let out = [
        http("POST /a HTTP/1.1\nHost: a.example\nContent-Type: text/plain\nTransfer-Encoding: chunked", &chunked),
        post("a.example", MAIL),
        http("GET /b HTTP/1.1\nHost: a.example", ""),
    ]
    .concat();
    let back = [ok(MAIL), http("HTTP/1.1 204 No Content\nServer: x", ""), ok(MAIL)].concat();
    for size in 1..out.len() {
        let mut bench = bench();
        for part in out.chunks(size) {
            bench.say(Way::Out, part);
        }
        for part in back.chunks(size) {
            bench.say(Way::Back, part);
        }
        assert_eq!(taken(&mut bench), [(2, 2), (2, 2)], "segments of {size}");
        assert_eq!(bench.shared.counters.http_lost, 0);
    }
}

#[test]
fn pipelined_requests_meet_their_responses_in_order() {
    let mut bench = bench();
    let head_request = http("HEAD /x HTTP/1.1\nHost: a.example", "");
    bench.say(Way::Out, &[head_request, post("a.example", MAIL), post("a.example", "nothing")].concat());
    // The response to HEAD states a length and has no body.
    let to_head = http("HTTP/1.1 200 OK\nContent-Length: 999", "");
    let interim = http("HTTP/1.1 100 Continue", "");
    bench.say(Way::Back, &[to_head, interim, ok(MAIL), ok(MAIL)].concat());
    assert_eq!(taken(&mut bench), [(1, 1), (2, 2)]);
    assert_eq!(bench.shared.counters.http_lost, 0);
}

#[test]
fn a_body_until_close_ends_with_the_fin_or_with_the_flow() {
    let response = http("HTTP/1.0 200 OK\nContent-Type: text/plain", MAIL);
    let request = http("GET / HTTP/1.0\nHost: a.example", "");
    let mut closed = bench();
    closed.say(Way::Out, &request).say(Way::Back, &response);
    assert_eq!(taken(&mut closed), [(0, 0), (0, 0)], "the message is not over");
    closed.close(Way::Back);
    assert_eq!(taken(&mut closed), [(0, 0), (1, 1)]);

    let mut evicted = bench();
    evicted.say(Way::Out, &request).say(Way::Back, &response);
    evicted.flow.finish();
    assert_eq!(taken(&mut evicted), [(0, 0), (1, 1)]);
}

#[test]
fn compressed_bodies_are_read_and_a_bomb_only_in_part() {
    let gzip = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let respond = |body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Encoding: gzip\nContent-Length: {}",
            body.len()
        );
        [http(&head, "").as_slice(), body].concat()
    };
    let mut bench = bench();
    bench.say(Way::Out, &http("GET / HTTP/1.1\nHost: a.example", ""));
    for part in respond(&gzip(MAIL.as_bytes())).chunks(9) {
        bench.say(Way::Back, part);
    }
    assert_eq!(taken(&mut bench), [(0, 0), (1, 1)]);

    let bomb = gzip(&[MAIL.as_bytes(), b" ", &vec![b'0'; 50 << 20]].concat());
    let mut most = 0;
    for part in respond(&bomb).chunks(1400) {
        bench.say(Way::Back, part);
        most = most.max(bench.flow.heap_bytes());
    }
    bench.say(Way::Back, &ok(MAIL));
    let [_, back] = bench.found();
    assert_eq!(mails(&back), (2, 2), "the message behind the bomb is read, too");
    assert!(back.payload_bytes_seen < 400_000, "{}", back.payload_bytes_seen);
    assert!(most < 128 * 1024, "{most} bytes");
    assert_eq!(bench.shared.counters.bodies_cut, 1);
}

#[test]
fn a_gap_within_a_body_costs_only_what_is_lost() {
    let body = format!("{}{MAIL}", "x ".repeat(50));
    let request = post("a.example", &body);
    let head = request.len() - body.len();
    let mut bench = bench();
    bench.say(Way::Out, &request[..head + 10]).skip(Way::Out, 60).say(Way::Out, &request[head + 70..]);
    bench.say(Way::Out, &post("a.example", MAIL));
    bench.flow.finish();
    assert_eq!(taken(&mut bench), [(2, 2), (0, 0)]);
    assert_eq!(bench.flow.facts().names.len(), 1);
}

#[test]
fn a_large_body_is_read_to_its_end_with_segments_out_of_order() {
    let line = format!("{MAIL} {}\n", "z".repeat(200 - MAIL.len() - 2));
    let request = post("a.example", &line.repeat(1000));
    let mut bench = bench();
    let parts: Vec<_> = request.chunks(1460).collect();
    // Of every eight segments the first comes last.
    for group in parts.chunks(8) {
        let len = |part: &[u8]| u32::try_from(part.len()).unwrap();
        let total: u32 = group.iter().map(|part| len(part)).sum();
        bench.skip(Way::Out, len(group[0]));
        for part in &group[1..] {
            bench.say(Way::Out, part);
        }
        bench.back_up(Way::Out, total).say(Way::Out, group[0]).skip(Way::Out, total - len(group[0]));
    }
    assert_eq!(taken(&mut bench), [(1000, 1), (0, 0)]);
    assert_eq!(bench.shared.counters, crate::inspect::InspectCounters::default());
}

#[test]
fn a_gap_that_never_closes_holds_no_more_than_the_bound() {
    let line = format!("{MAIL}\n");
    let request = post("a.example", &line.repeat(50_000));
    let mut bench = bench();
    bench.say(Way::Out, &request[..1460]).skip(Way::Out, 1460);
    let mut most = 0;
    for part in request[2920..].chunks(1460) {
        bench.say(Way::Out, part);
        most = most.max(bench.flow.heap_bytes());
    }
    assert!(most < 300 * 1024, "{most} bytes");
    let (matches, records) = taken(&mut bench)[0];
    assert_eq!((bench.shared.counters.gaps, bench.shared.counters.gap_bytes, records), (1, 1460, 1));
    let lost = 50_000 - matches;
    assert!((1460 / 30..=1460 / 28 + 3).contains(&lost), "{lost} lines are lost");
}

#[test]
fn parts_before_and_behind_a_gap_make_no_match_together() {
    let request = post("a.example", &format!("erika@{}example.org ", "y".repeat(20)));
    let at = request.len() - 32;
    let mut bench = bench();
    bench.say(Way::Out, &request[..at]).skip(Way::Out, 20).say(Way::Out, &request[at + 20..]);
    bench.flow.finish();
    assert_eq!(taken(&mut bench), [(0, 0), (0, 0)]);
}

#[test]
fn behind_a_gap_in_a_head_the_next_message_is_taken_up() {
    let mut bench = bench();
    bench.say(Way::Out, b"POST / HTTP/1.1\r\nHost: a.ex").skip(Way::Out, 500);
    bench.say(Way::Out, b"rest of a body").say(Way::Out, &post("b.example", MAIL));
    bench.close(Way::Out);
    bench.flow.finish();
    assert_eq!(taken(&mut bench), [(1, 1), (0, 0)]);
    assert_eq!(bench.flow.facts().host.as_deref(), Some("b.example"));
}

#[test]
fn a_connection_met_in_mid_stream_is_read_from_its_next_message() {
    let mut bench = Bench::new(8080);
    bench.say(Way::Back, b"tail of a response body ").say(Way::Back, b"and more of it");
    bench.say(Way::Out, &post("a.example", MAIL)).say(Way::Back, &ok(MAIL));
    assert_eq!(taken(&mut bench), [(1, 1), (1, 1)]);
    assert_eq!(bench.flow.facts().host.as_deref(), Some("a.example"));
}

#[test]
fn absurd_framing_ends_the_reading_without_harm() {
    let cases = [
        "Content-Length: 5\nContent-Length: 6",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked",
    ];
    for field in cases {
        let mut bench = bench();
        bench.say(
            Way::Out,
            &http(&format!("POST / HTTP/1.1\nHost: a.example\nX-User: {MAIL}\n{field}"), "ffffffffffffffffff\r\n"),
        );
        bench.say(Way::Out, &post("a.example", MAIL));
        assert_eq!(taken(&mut bench), [(2, 2), (0, 0)], "{field}");
        assert_eq!(bench.shared.counters.http_lost, 1);
    }
    let mut bench = bench();
    bench.say(Way::Out, &http(&format!("POST / HTTP/1.1\nHost: a.example\nContent-Length: {}", u64::MAX), MAIL));
    bench.flow.finish();
    assert_eq!(taken(&mut bench), [(1, 1), (0, 0)]);
}

#[test]
fn an_endless_head_is_given_up() {
    let mut bench = bench();
    bench.say(Way::Out, b"GET / HTTP/1.1\r\n");
    for _ in 0..2000 {
        bench.say(Way::Out, b"X-Field: some value\r\n");
        assert!(bench.flow.heap_bytes() < 64 * 1024);
    }
    assert_eq!(bench.shared.counters.http_lost, 1);
}

#[test]
fn the_hosts_of_one_connection_have_findings_of_their_own() {
    let mut bench = bench();
    bench.say(Way::Out, &post("a.example", MAIL)).say(Way::Back, &ok("fine"));
    bench.say(Way::Out, &post("b.example", &format!("{MAIL} {MAIL}"))).say(Way::Back, &ok(MAIL));
    let name = |name: &str| Name { name: name.to_owned(), method: HostMethod::HttpHost };
    assert_eq!(bench.flow.facts().names, [name("a.example"), name("b.example")]);
    let hosts = bench.flow.take_findings();
    let read: Vec<_> = hosts.into_iter().map(|of| (of.host, of.findings.each_ref().map(mails))).collect();
    assert_eq!(read, [(Some(name("a.example")), [(1, 1), (0, 0)]), (Some(name("b.example")), [(2, 1), (1, 1)])]);
}

#[test]
fn a_tunnel_has_the_host_of_its_target_and_the_hello_inside_is_read() {
    let connect =
        http("CONNECT api.example.org:443 HTTP/1.1\nHost: api.example.org:443\nX-User: erika@example.org", "");
    let hello = sample::Hello::new().server_name("api.example.org").alpn(&[b"h2"]).stream();
    let agreed = http("HTTP/1.1 200 Connection established", "");
    for early in [false, true] {
        let mut bench = bench();
        bench.say(Way::Out, &connect);
        assert_eq!(bench.flow.facts().protocol.as_str(), "http");
        if early {
            bench.say(Way::Out, &hello).say(Way::Back, &[agreed.clone(), sample::server_hello_13()].concat());
        } else {
            bench.say(Way::Back, &agreed).say(Way::Out, &hello).say(Way::Back, &sample::server_hello_13());
        }
        let facts = bench.flow.facts();
        assert_eq!((facts.host.as_deref(), facts.host_method), (Some("api.example.org"), HostMethod::HttpConnect));
        assert_eq!(facts.tls, Some(Tls { version: Some(TlsVersion::V1_3), alpn: Some("h2".to_owned()) }));
        assert_eq!((facts.protocol.as_str(), facts.inspection), ("tls", Inspection::Opaque));
        assert_eq!(bench.found(), <[DirectionFindings; 2]>::default());
    }
}

#[test]
fn a_refused_tunnel_is_http_again() {
    let connect = http("CONNECT api.example.org:443 HTTP/1.1\nHost: api.example.org:443", "");
    let refused = http("HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 4", "none");
    let mut bench = bench();
    bench.say(Way::Out, &connect).say(Way::Out, &post("a.example", MAIL)).say(Way::Back, &refused);
    bench.say(Way::Back, &ok(MAIL));
    assert_eq!(taken(&mut bench), [(1, 1), (1, 1)]);
}

#[test]
fn behind_an_upgrade_nothing_is_read_and_nothing_held() {
    let mut bench = bench();
    bench.say(Way::Out, &http("GET /ws HTTP/1.1\nHost: a.example\nUpgrade: websocket", ""));
    bench.say(Way::Back, &http("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket", ""));
    bench.say(Way::Out, b"\x81\x85....GET / HTTP/1.1\r\n\r\n");
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.host.as_deref()), ("websocket", Some("a.example")));
    assert!(bench.flow.heap_bytes() < 400);
}

#[test]
fn a_connection_at_rest_holds_little() {
    let mut bench = bench();
    bench.say(Way::Out, &post("a.example", MAIL)).say(Way::Back, &ok(MAIL));
    bench.found();
    assert!(bench.flow.heap_bytes() < 2048, "{} bytes", bench.flow.heap_bytes());
}

#[test]
fn every_prefix_of_an_exchange_is_survived_and_findings_only_grow() {
    let stream = [post("a.example", MAIL), post("b.example", MAIL)].concat();
    let mut before = 0;
    for end in 0..=stream.len() {
        let mut bench = bench();
        bench.say(Way::Out, &stream[..end]);
        bench.flow.finish();
        let (matches, records) = taken(&mut bench)[0];
        assert!(matches >= records && records <= 2);
        // A cut address can be one of another domain, never two.
        assert!(matches >= before.min(1) && matches <= 2);
        before = matches;
    }
}
