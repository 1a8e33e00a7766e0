//! The names of `landfall flows`, held against tshark on every recorded capture.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{captures, landfall, tshark};

fn by_tshark(capture: &std::path::Path, filter: &str, field: &str) -> BTreeSet<String> {
    tshark(capture, filter, &[field])
        .into_iter()
        .flat_map(|mut fields| fields.remove(0).split(',').map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .map(|name| without_port(&name).to_lowercase())
        .collect()
}

/// `Host` may name a port.
fn without_port(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    }
}

fn by_landfall(lines: &[Value], method: &str, protocol: Option<&str>) -> BTreeSet<String> {
    lines
        .iter()
        .filter(|line| protocol.is_none_or(|protocol| line["protocol"] == protocol))
        .flat_map(|line| line["names"].as_array().unwrap())
        .filter(|name| name["method"] == method)
        .map(|name| name["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Hosts that are addresses are no names.
fn names_only(names: BTreeSet<String>) -> BTreeSet<String> {
    names.into_iter().filter(|name| name.parse::<std::net::IpAddr>().is_err()).collect()
}

#[test]
fn names_are_those_that_tshark_finds() {
    let mut found = 0;
    for capture in captures() {
        let lines = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]).json();
        let pairs = [
            (
                by_tshark(&capture, "tls.handshake.type == 1", "tls.handshake.extensions_server_name"),
                by_landfall(&lines, "sni", None),
            ),
            (
                names_only(by_tshark(&capture, "http.request", "http.host")),
                names_only(by_landfall(&lines, "http-host", None)),
            ),
            (by_tshark(&capture, "dns.flags.response == 0", "dns.qry.name"), by_landfall(&lines, "dns", Some("dns"))),
        ];
        for (expected, names) in pairs {
            assert_eq!(names, expected, "{}", capture.display());
            found += names.len();
        }
    }
    assert!(found > 40, "{found} names in all captures");
}

#[test]
fn versions_and_encrypted_hellos_are_those_that_tshark_finds() {
    for capture in captures() {
        let lines = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]).json();
        let versions: BTreeSet<String> =
            lines.iter().filter_map(|line| line["tls"]["version"].as_str().map(str::to_owned)).collect();
        let hellos = tshark(
            &capture,
            "tls.handshake.type == 2",
            &["tls.handshake.version", "tls.handshake.extensions.supported_version"],
        );
        let expected: BTreeSet<String> = hellos
            .iter()
            .flat_map(|fields| {
                let own = fields[0].split(',');
                let supported: Vec<_> = fields[1].split(',').filter(|version| !version.is_empty()).collect();
                if supported.is_empty() { own.collect::<Vec<_>>() } else { supported }
            })
            .map(|version| match version {
                "0x0301" => "1.0".to_owned(),
                "0x0302" => "1.1".to_owned(),
                "0x0303" => "1.2".to_owned(),
                "0x0304" => "1.3".to_owned(),
                other => panic!("tshark names version {other}"),
            })
            .collect();
        assert_eq!(versions, expected, "{}", capture.display());
        let encrypted = !tshark(&capture, "tls.handshake.extension.type == 65037", &["frame.number"]).is_empty();
        assert_eq!(lines.iter().any(|line| line["ech"] == true), encrypted, "{}", capture.display());
    }
}
