//! Which addresses belong to the same client.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use landfall_observation::Workload;

/// The client with an address: a pod, a host, or a workload with several hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Unique as long as the process runs.
    pub number: u64,
    /// Its addresses, as far as they are known individually.
    pub addresses: Arc<[IpAddr]>,
    /// Whether all of them belong to one host. Otherwise they belong to a workload whose hosts cannot be distinguished.
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

/// Finds the prefixes of a file that are one client's: those of one workload. It is one host if it is a pod, or if it
/// has single addresses alone and at most one of them is of IPv4: a declared pair.
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
