//! How addresses and prefixes decide where no name does.

use super::*;

#[test]
fn without_a_registered_name_networks_speak_the_nearest_first() {
    check(vec![
        (to("10.1.2.0/24"), "own Own GmbH DE"),
        (to("10.9.2.0/24"), "own Hoster SE FR"),
        (to("2001:db8:a::/48"), "own Hoster SE FR"),
        (sni("x.unknown.example"), "unregistered unknown.example"),
        (named(to("10.1.2.0/24"), "x.unknown.example", HostMethod::Sni), "own Own GmbH DE"),
        (to("198.51.100.3/32"), "acme/eu"),
        (to("198.51.100.99/32"), "bolt/web"),
        (to("2001:db8:100::/48"), "acme/eu"),
        (to("198.50.0.0/16"), "unregistered 198.50.0.0/16"),
        (asn(to("192.0.2.0/24"), &[64500]), "acme/eu"),
        (asn(to("198.51.100.99/32"), &[64500]), "bolt/web"),
        (asn(to("192.0.2.0/24"), &[64501]), "bolt/web"),
        // Two entries have it, so it identifies neither.
        (asn(to("192.0.2.0/24"), &[64502]), "unregistered AS64502"),
        (asn(to("192.0.2.0/24"), &[64500, 64501]), "unregistered AS64500"),
        (asn(to("192.0.2.0/24"), &[64511]), "unregistered AS64511"),
        (to("192.0.2.77/32"), "unregistered 192.0.2.0/24"),
        (to("2001:db8:b:c::1/128"), "unregistered 2001:db8:b::/48"),
    ]);
}

#[test]
fn of_a_truncated_address_the_declared_prefixes_within_are_named() {
    let outside = |mut observation: Observation, prefixes: &[&str]| {
        if let Endpoint::Address { outside, .. } = &mut observation.remote {
            outside.extend(prefixes.iter().map(|prefix| prefix.parse::<ipnet::IpNet>().unwrap()));
        }
        observation
    };
    let acme = "in 198.51.100.0/24: 198.51.100.0/28 acme/eu as of 2026-08-05, else bolt/web";
    check(vec![
        // If the surrounding prefix is registered, a declared mirror within it makes no difference.
        (to("198.51.100.0/24"), acme),
        // The agent already knew the prefix.
        (outside(to("198.51.100.0/24"), &["198.51.100.0/28"]), "bolt/web"),
        (outside(to("198.51.100.0/24"), &["198.51.100.0/27"]), "bolt/web"),
        (outside(to("198.51.100.0/24"), &["198.51.100.0/29"]), acme),
        // A full address and a registered host are unambiguous.
        (to("198.51.100.99/32"), "bolt/web"),
        (named(to("198.51.100.0/24"), "api.acme.example", HostMethod::Sni), "acme/api"),
        (named(to("198.51.100.0/24"), "x.unknown.example", HostMethod::Sni), acme),
        // An access path that some addresses of the prefix may use.
        (
            inbound(to("203.0.113.0/24"), 8443),
            "in 203.0.113.0/24: 203.0.113.64/26 access 203.0.113.0/24, else data subject",
        ),
        (inbound(outside(to("203.0.113.0/24"), &["203.0.113.64/26"]), 8443), "data subject"),
        // A declaration applies only to its port.
        (port(to("10.0.0.0/24"), 53), "own Own GmbH DE"),
    ]);
}

#[test]
fn a_stranger_beside_a_declared_prefix_may_be_in_it() {
    let text = REGISTER.replace("cidrs: [198.51.100.0/24]", "cidrs: [198.51.99.0/24]");
    let resolver = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let truncated = to("198.51.100.0/24");
    assert_eq!(
        words(&resolver.resolve(&truncated)[0].counterpart),
        "in 198.51.100.0/24: 198.51.100.0/28 acme/eu as of 2026-08-05, 198.51.100.128/25 not personal (packages), else \
         unregistered 198.51.100.0/24, else unregistered 198.51.100.0/24"
    );
    assert_eq!(resolver.stranger(&truncated), None);
}

#[test]
fn the_prefix_of_all_addresses_is_many_remotes_whatever_holds_it() {
    let text = REGISTER
        .replace("cidrs: [10.0.0.0/8]", "cidrs: [0.0.0.0/0]")
        .replace("cidrs: [198.51.100.128/25]", "cidrs: [0.0.0.0/0]")
        .replace("cidrs: [198.51.100.0/24]", "cidrs: ['::/0']");
    let wide = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    assert_eq!(
        words(&wide.resolve(&to("198.18.0.0/24"))[0].counterpart),
        "not personal (packages), else own Own GmbH DE"
    );
    assert_eq!(words(&wide.resolve(&to("2001:db8:b::/48"))[0].counterpart), "bolt/web");
    let merged = |address| port(to(address), 0);
    for resolver in [&compiled().resolver, &wide] {
        for (observation, expected) in [
            (merged("0.0.0.0/0"), "many, unregistered true, access false"),
            (merged("::/0"), "many, unregistered true, access false"),
            // Clients are no recipients, and the port to which they connected is not known.
            (inbound(to("0.0.0.0/0"), 0), "many, unregistered false, access false"),
        ] {
            assert_eq!(words(&resolver.resolve(&observation)[0].counterpart), expected);
            assert_eq!(resolver.stranger(&observation), None);
        }
    }
    let text = REGISTER.replace("cidrs: [203.0.113.64/26]", "cidrs: ['::/0', 0.0.0.0/0]");
    let open = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let clients = open.resolve(&inbound(to("0.0.0.0/0"), 0));
    assert_eq!(words(&clients[0].counterpart), "many, unregistered true, access true");
}
