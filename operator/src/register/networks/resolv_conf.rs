//! The cluster's name servers, as the kubelet writes them into a pod's resolv.conf(5).

use std::net::IpAddr;

/// The name servers, if the search list contains `NAMESPACE.svc.DOMAIN`, which the kubelet writes only for
/// `dnsPolicy: ClusterFirst`. Any other file names servers outside the cluster, and the result is empty.
pub(super) fn name_servers(text: &str) -> Vec<IpAddr> {
    let lines = || text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let is_search = |words: &Vec<&str>| words.first() == Some(&"search");
    // The last search line counts.
    let search = lines().rfind(is_search).unwrap_or_default();
    if !search.iter().skip(1).any(|domain| domain.split('.').nth(1) == Some("svc")) {
        return Vec::new();
    }
    lines()
        .filter(|words| words.first() == Some(&"nameserver"))
        .filter_map(|words| words.get(1)?.split('%').next()?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "search landfall-system.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";

    #[test]
    fn only_name_servers_written_by_a_kubelet_are_the_clusters() {
        let read = |text: &str| name_servers(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(read(POD), ["10.96.0.10"]);
        assert_eq!(
            read("nameserver fd00::a\nnameserver fe80::1%eth0\nnameserver invalid\nsearch a.svc.example.org\n"),
            ["fd00::a", "fe80::1"]
        );
        // Name servers of the host or of a provider.
        assert_eq!(read("nameserver 9.9.9.9\nsearch example.org\n"), Vec::<String>::new());
        assert_eq!(read("nameserver 9.9.9.9\n"), Vec::<String>::new());
        assert_eq!(read("search a.svc.cluster.local\nsearch example.org\nnameserver 9.9.9.9\n"), Vec::<String>::new());
        for end in 0..POD.len() {
            assert!(name_servers(&POD[..end]).len() <= 1);
        }
    }
}
