//! How names decide who a remote party is.

use super::*;

#[test]
fn a_registered_host_beats_everything() {
    check(vec![
        (sni("api.acme.example"), "acme/api"),
        (sni("API.Acme.Example."), "acme/api"),
        (sni("x.api.acme.example"), "acme/api"),
        (sni("eu.api.acme.example"), "acme/eu"),
        (sni("x.y.eu.api.acme.example"), "acme/eu"),
        (sni("acme.example"), "unregistered acme.example"),
        (sni("api.acme.example.evil.example"), "unregistered evil.example"),
        (named(to("10.1.2.0/24"), "bolt.example", HostMethod::HttpHost), "bolt/web"),
        (named(to("198.51.100.3/32"), "bolt.example", HostMethod::Dns), "bolt/web"),
        (asn(sni("bolt.example"), &[64500]), "bolt/web"),
        (named(to("198.51.100.200/32"), "bolt.example", HostMethod::Sni), "bolt/web"),
    ]);
}

#[test]
fn several_names_are_one_recipient_only_if_all_are_of_one_entry() {
    let dns = HostMethod::Dns;
    let with = |given: &[(&str, HostMethod)]| names(to("198.51.100.3/32"), given);
    check(vec![
        (with(&[("a.api.acme.example", dns), ("api.acme.example", dns)]), "acme/api"),
        (with(&[("api.acme.example", dns), ("eu.api.acme.example", dns)]), "one of acme/api acme/eu"),
        (with(&[("api.acme.example", dns), ("x.tracker.example", dns)]), "one of acme/api tracker.example"),
        (with(&[("bolt.example", dns)]), "bolt/web"),
        // None of the names is registered: the address decides.
        (with(&[("x.tracker.example", dns), ("y.other.example", dns)]), "acme/eu"),
        (
            names(to("192.0.2.0/24"), &[("x.tracker.example", dns), ("y.tracker.example", dns)]),
            "unregistered tracker.example",
        ),
        (
            names(to("192.0.2.0/24"), &[("x.tracker.example", dns), ("y.other.example", dns)]),
            "one of other.example tracker.example",
        ),
        // The outer name of an encrypted ClientHello is that of the client-facing server.
        (names(to("192.0.2.0/24"), &[("api.acme.example", HostMethod::Sni)]), "unregistered 192.0.2.0/24"),
    ]);
}

#[test]
fn what_a_dns_conversation_asks_for_is_not_whom_it_asks() {
    let mut asks = names(port(to("192.0.2.0/24"), 53), &[("api.acme.example", HostMethod::Dns)]);
    asks.channel.protocol = Protocol::DNS;
    let mut one = named(asks.clone(), "api.acme.example", HostMethod::Dns);
    one.channel.transport = Transport::Udp;
    check(vec![(asks, "unregistered 192.0.2.0/24"), (one, "unregistered 192.0.2.0/24")]);
}

#[test]
fn behind_a_proxy_the_address_says_nothing() {
    let proxied = |host, method| asn(named(to("10.1.2.0/24"), host, method), &[64500]);
    check(vec![
        (proxied("x.unknown.example", HostMethod::HttpConnect), "unregistered unknown.example"),
        (proxied("x.unknown.example", HostMethod::Socks), "unregistered unknown.example"),
        (proxied("eu.api.acme.example", HostMethod::Proxy), "acme/eu"),
        (proxied("198.51.100.3", HostMethod::HttpConnect), "acme/eu"),
        (proxied("[2001:db8:100::1]", HostMethod::Socks), "acme/eu"),
        (proxied("192.0.2.77", HostMethod::Socks), "unregistered 192.0.2.0/24"),
        (proxied("not a host", HostMethod::Proxy), "unregistered behind-proxy"),
        (proxied("x.unknown.example", HostMethod::Sni), "own Own GmbH DE"),
    ]);
}

#[test]
fn hostile_hosts_are_no_names() {
    let long = format!("{}.example", "a".repeat(247));
    let labels = format!("{}example", "a.".repeat(124));
    let whole = "a".repeat(255);
    let hostile = [
        "",
        ".",
        "..",
        "api..acme.example",
        "api.acme.example..",
        "api.acme.example\u{0}",
        "\u{1b}[2J.example",
        "a b.example",
        "api.acme.example:443",
        "erika@api.acme.example",
        "*.api.acme.example",
        long.as_str(),
        labels.as_str(),
        whole.as_str(),
    ];
    check(hostile.iter().map(|host| (sni(host), "unregistered 192.0.2.0/24")).collect());
}
