//! Selects the host among the names of a flow.

use std::sync::Arc;

use landfall_observation::{HostMethod, Name};

/// The host, if there is one, and all names, the best first and each once.
///
/// `stated` are the hosts of HTTP requests, `looked_up` the names of the client's own DNS
/// lookups that are live for the address.
pub(super) fn choose(
    stated: &[Name],
    server_name: Option<&str>,
    ech: bool,
    looked_up: &[Arc<str>],
) -> (Option<Name>, Vec<Name>) {
    let sni = server_name.map(|name| Name { name: name.to_owned(), method: HostMethod::Sni });
    // With Encrypted Client Hello the visible name is that of the provider's front, unless the
    // extension is GREASE; the client's own lookup tells which.
    let vouched = |sni: &Name| !ech || looked_up.iter().any(|name| **name == *sni.name);
    let dns = looked_up.iter().map(|name| Name { name: name.to_string(), method: HostMethod::Dns });
    let host = match (stated.first(), &sni, looked_up) {
        (Some(first), _, _) => Some(first.clone()),
        (None, Some(sni), _) if vouched(sni) => Some(sni.clone()),
        (None, _, [_]) => dns.clone().next(),
        (None, _, _) => None,
    };
    let trusted = sni.clone().filter(vouched);
    let mut names: Vec<Name> = Vec::new();
    for name in stated.iter().cloned().chain(trusted).chain(dns).chain(sni) {
        if names.iter().all(|known| known.name != name.name) {
            names.push(name);
        }
    }
    (host, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str, method: HostMethod) -> Name {
        Name { name: name.to_owned(), method }
    }

    /// The host, the method and all names for a ClientHello.
    fn tls(sni: Option<&str>, ech: bool, looked_up: &[&str]) -> (Option<Name>, Vec<Name>) {
        let looked_up: Vec<Arc<str>> = looked_up.iter().map(|name| Arc::from(*name)).collect();
        choose(&[], sni, ech, &looked_up)
    }

    #[test]
    fn the_server_name_is_the_host_and_the_lookup_only_a_further_name() {
        let sni = name("api.example", HostMethod::Sni);
        assert_eq!(tls(Some("api.example"), false, &[]), (Some(sni.clone()), vec![sni.clone()]));
        assert_eq!(
            tls(Some("api.example"), false, &["other.example"]),
            (Some(sni.clone()), vec![sni.clone(), name("other.example", HostMethod::Dns)])
        );
        assert_eq!(tls(Some("api.example"), false, &["api.example"]), (Some(sni.clone()), vec![sni]));
    }

    #[test]
    fn without_a_server_name_a_single_lookup_is_the_host_and_several_are_none() {
        let dns = name("a.example", HostMethod::Dns);
        assert_eq!(tls(None, false, &["a.example"]), (Some(dns.clone()), vec![dns.clone()]));
        assert_eq!(
            tls(None, false, &["a.example", "b.example"]),
            (None, vec![dns, name("b.example", HostMethod::Dns)])
        );
        assert_eq!(tls(None, false, &[]), (None, vec![]));
    }

    #[test]
    fn with_ech_the_server_name_is_the_host_only_if_the_client_looked_it_up() {
        let sni = name("a.example", HostMethod::Sni);
        assert_eq!(tls(Some("a.example"), true, &["a.example"]), (Some(sni.clone()), vec![sni.clone()]));
        assert_eq!(
            tls(Some("a.example"), true, &["b.example", "a.example"]),
            (Some(sni.clone()), vec![sni, name("b.example", HostMethod::Dns)])
        );
        let front = name("front.example", HostMethod::Sni);
        let real = name("real.example", HostMethod::Dns);
        assert_eq!(tls(Some("front.example"), true, &[]), (None, vec![front.clone()]));
        assert_eq!(
            tls(Some("front.example"), true, &["real.example"]),
            (Some(real.clone()), vec![real.clone(), front.clone()])
        );
        assert_eq!(
            tls(Some("front.example"), true, &["real.example", "x.example"]),
            (None, vec![real, name("x.example", HostMethod::Dns), front])
        );
    }

    #[test]
    fn what_requests_state_comes_before_everything_else() {
        let stated = [name("api.example", HostMethod::HttpConnect), name("b.example", HostMethod::HttpHost)];
        let looked_up = [Arc::from("proxy.example")];
        assert_eq!(
            choose(&stated, Some("api.example"), true, &looked_up),
            (
                Some(stated[0].clone()),
                vec![stated[0].clone(), stated[1].clone(), name("proxy.example", HostMethod::Dns)]
            )
        );
    }
}
