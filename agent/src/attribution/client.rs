//! Which addresses are one client's.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use landfall_observation::Workload;

/// Whoever is behind an address: a pod, a host, or a workload of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Tells it from others for as long as the process runs.
    pub number: u64,
    /// Its addresses, as far as they are known one by one.
    pub addresses: Arc<[IpAddr]>,
    /// Whether all of them are one host's. Else they are a workload's, whose hosts nobody tells apart.
    pub is_one_host: bool,
}

/// What a workloads file says of a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) workload: Arc<Workload>,
    pub(super) client: Client,
}

impl Client {
    /// Its number, if it is one host.
    pub fn host(&self) -> Option<u64> {
        self.is_one_host.then_some(self.number)
    }
}

/// Finds the prefixes of a file that are one client's: those of one workload. It is one host if it is a pod, or if it has
/// single addresses alone and at most one of them is of IPv4: a declared pair.
pub(super) fn declare(entries: Vec<(IpNet, Workload)>) -> impl Iterator<Item = (IpNet, Declared)> {
    let mut workloads: BTreeMap<Workload, Vec<IpNet>> = BTreeMap::new();
    for (prefix, workload) in entries {
        workloads.entry(workload).or_default().push(prefix);
    }
    (0..).zip(workloads).flat_map(|(number, (workload, prefixes))| {
        let single = prefixes.iter().filter(|prefix| prefix.prefix_len() == prefix.max_prefix_len());
        let addresses: Arc<[IpAddr]> = single.map(IpNet::addr).collect();
        let of_ipv4 = addresses.iter().filter(|address| address.is_ipv4()).count();
        let is_pair = addresses.len() == prefixes.len() && of_ipv4 <= 1;
        let client = Client { number, addresses, is_one_host: workload.pod.is_some() || is_pair };
        let declared = Declared { workload: Arc::new(workload), client };
        prefixes.into_iter().map(move |prefix| (prefix, declared.clone()))
    })
}
