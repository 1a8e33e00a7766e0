use landfall_observation::{Tls, TlsVersion, Transport};

use super::{bench::SERVER, *};
use crate::parse::{
    dns,
    tls::sample::{Hello, records, server_hello, server_hello_13},
};

fn hello() -> Hello {
    Hello::new().server_name("API.example.org").alpn(&[b"h2", b"http/1.1"]).versions(&[0x0304, 0x0303])
}

fn tls(version: Option<TlsVersion>, alpn: Option<&str>) -> Tls {
    Tls { version, alpn: alpn.map(str::to_owned) }
}

/// A client that has just looked up the server's address under `names`.
fn after_lookups(names: &[&str]) -> Bench {
    let mut bench = Bench::udp(53);
    for name in names {
        bench.say(Way::Out, &dns::sample::query(name));
        bench.say(Way::Back, &dns::sample::response(name, &[SERVER.parse().unwrap()]));
    }
    let mut bench = bench.then(1, Transport::Tcp, SERVER, 443);
    bench.open();
    bench
}

#[test]
fn a_connection_of_tls_1_3_has_its_name_version_and_first_offer() {
    let mut bench = Bench::new(8443);
    bench.open().say(Way::Out, &hello().stream()).say(Way::Back, &server_hello_13());
    let sni = name("api.example.org", HostMethod::Sni);
    assert_eq!(
        bench.flow.facts(),
        Facts {
            protocol: landfall_observation::Protocol::TLS,
            host: Some("api.example.org".to_owned()),
            host_method: HostMethod::Sni,
            names: vec![sni],
            ech: false,
            tls: Some(tls(Some(TlsVersion::V1_3), Some("h2"))),
            inspection: landfall_observation::Inspection::Opaque,
            reader: None,
        }
    );
    assert!(matches!(bench.flow.stage, Stage::Over));
    assert_eq!(bench.found(), <[DirectionFindings; 2]>::default());
}

#[test]
fn the_alpn_that_tls_1_2_chose_prevails_over_the_first_offer() {
    let mut bench = Bench::new(443);
    bench.open().say(Way::Out, &hello().stream()).say(Way::Back, &server_hello(0x0303, Some(b"http/1.1")));
    assert_eq!(bench.flow.facts().tls, Some(tls(Some(TlsVersion::V1_2), Some("http/1.1"))));
}

#[test]
fn a_hello_is_read_split_at_every_byte_in_order_and_swapped() {
    for stream in [hello().stream(), records(&hello().message(), 50)] {
        for cut in 1..stream.len() {
            let (first, second) = stream.split_at(cut);
            let mut bench = Bench::new(443);
            bench.open().say(Way::Out, first).say(Way::Out, second);
            assert_eq!(bench.flow.facts().host.as_deref(), Some("api.example.org"), "cut at {cut}");

            let (first_len, second_len) = (u32::try_from(first.len()).unwrap(), u32::try_from(second.len()).unwrap());
            let mut bench = Bench::new(443);
            bench.open().skip(Way::Out, first_len).say(Way::Out, second);
            bench.back_up(Way::Out, first_len + second_len).say(Way::Out, first);
            assert_eq!(bench.flow.facts().host.as_deref(), Some("api.example.org"), "swapped at {cut}");
        }
    }
}

#[test]
fn a_hello_that_trickles_in_is_read_and_its_bytes_are_let_go() {
    let mut bench = Bench::new(443);
    bench.open();
    for byte in hello().stream() {
        bench.say(Way::Out, &[byte]);
    }
    assert_eq!(bench.flow.facts().host.as_deref(), Some("api.example.org"));
    for byte in server_hello_13() {
        bench.say(Way::Back, &[byte]);
    }
    assert_eq!(bench.flow.facts().tls.unwrap().version, Some(TlsVersion::V1_3));
    assert!(bench.flow.heap_bytes() < 300, "{} bytes", bench.flow.heap_bytes());
}

#[test]
fn a_hello_beyond_the_first_16_kib_is_given_up_and_the_lookup_names_the_flow() {
    let mut bench = after_lookups(&["api.example.org"]);
    let huge = Hello::new().extension(21, &vec![0; 20_000]).server_name("hidden.example").stream();
    for part in huge.chunks(1400) {
        bench.say(Way::Out, part);
    }
    bench.say(Way::Back, &server_hello_13());
    let facts = bench.flow.facts();
    assert_eq!((facts.host.as_deref(), facts.host_method), (Some("api.example.org"), HostMethod::Dns));
    assert!(matches!(bench.flow.stage, Stage::Over));
}

#[test]
fn the_rules_of_ech_decide_the_host() {
    let with_ech = hello().ech().stream();
    let cases: [(&[&str], Option<&str>, HostMethod); 4] = [
        (&["api.example.org"], Some("api.example.org"), HostMethod::Sni),
        (&["real.example.org"], Some("real.example.org"), HostMethod::Dns),
        (&["real.example.org", "other.example.org"], None, HostMethod::None),
        (&[], None, HostMethod::None),
    ];
    for (looked_up, host, method) in cases {
        let mut bench = after_lookups(looked_up);
        bench.say(Way::Out, &with_ech);
        let facts = bench.flow.facts();
        assert!(facts.ech);
        assert_eq!((facts.host.as_deref(), facts.host_method), (host, method), "{looked_up:?}");
        assert!(facts.names.iter().any(|known| known.name == "api.example.org"), "the SNI stays in the names");
    }
}

#[test]
fn a_hello_without_a_name_is_named_by_the_single_lookup() {
    let nameless = Hello::new().versions(&[0x0304]).stream();
    for (looked_up, host) in [(&["a.example"][..], Some("a.example")), (&["a.example", "b.example"], None)] {
        let mut bench = after_lookups(looked_up);
        bench.say(Way::Out, &nameless);
        let facts = bench.flow.facts();
        assert_eq!((facts.host.as_deref(), facts.names.len()), (host, looked_up.len()));
    }
}

#[test]
fn a_connection_met_in_mid_stream_is_still_tls() {
    let record = [&[23, 3, 3, 0, 40][..], &[0xaa; 40]].concat();
    for way in [Way::Out, Way::Back] {
        let mut bench = Bench::new(443);
        bench.say(way, b"tail of a record \xff").say(way, &record);
        let facts = bench.flow.facts();
        assert_eq!((facts.protocol.as_str(), facts.tls), ("tls", Some(tls(None, None))));
        assert!(matches!(bench.flow.stage, Stage::Over));
    }
}

#[test]
fn a_server_hello_alone_tells_the_version() {
    let mut bench = Bench::new(443);
    bench.say(Way::Back, &server_hello(0x0301, None));
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.tls), ("tls", Some(tls(Some(TlsVersion::V1_0), None))));
}

#[test]
fn a_hello_that_the_capture_cut_off_is_tls_without_a_name() {
    let stream = hello().stream();
    let mut bench = Bench::new(443);
    bench.open().packet(Way::Out, |packet| {
        packet.payload = &stream[..40];
        packet.payload_len = u32::try_from(stream.len()).unwrap();
        packet.truncated = true;
    });
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.host), ("tls", None));
    assert_eq!(bench.shared.counters.gaps, 1);
}
