//! Which pod has which address of a node, and since when: pods come and go, and their addresses are reused.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use landfall_observation::Workload;

use super::{Client, is_private};

/// For how long an address stays attributed to a deleted pod, for packets that are read late.
const LINGER: SignedDuration = SignedDuration::from_secs(60);
/// For how long to wait for the pod of a new local address: the pod can use it before the API server knows of it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// Maximum number of addresses to wait for, or to remember as waited for without success; beyond that there is no
/// waiting.
const MAX_STRANGERS: usize = 65_536;

/// Which pod had which address, and when.
#[derive(Debug, Default)]
pub struct Directory {
    /// Networks of pods and nodes: an address in them is local, known or not.
    networks: Vec<IpNet>,
    holdings: RwLock<HashMap<IpAddr, Vec<HeldAddress>>>,
    /// Number of holders so far, the number of the next one.
    numbered: AtomicU64,
    /// Local addresses without a holder, and when they were first seen.
    strangers: Mutex<HashMap<IpAddr, Timestamp>>,
    unattributed_bytes: AtomicU64,
    /// Whether pods are not watched, so that there is no waiting for them.
    is_closed: bool,
}

/// A pod, or the node, with its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressHolder {
    /// UID of the pod: names are reused.
    pub id: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The workload in observations.
    pub workload: Workload,
    /// Whether it is the node itself; a pod with the same address takes precedence.
    pub is_node: bool,
    /// When it got its addresses.
    pub from: Timestamp,
    /// When it ended, if it did: its addresses may have been reused since.
    pub until: Option<Timestamp>,
}

/// A period in which an address was one holder's.
#[derive(Debug, Clone)]
struct HeldAddress {
    holder_id: String,
    client: Client,
    workload: Arc<Workload>,
    is_node: bool,
    from: Timestamp,
    until: Option<Timestamp>,
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressState {
    Pod,
    Node,
    /// In a local network, without a known holder.
    Local,
    Foreign,
}

// === impl Directory ===

impl Directory {
    /// Without holders yet; addresses in `networks` are local.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks, ..Self::default() }
    }

    /// The same where pods are not watched: there is no waiting for them.
    pub fn without_pods(networks: Vec<IpNet>) -> Self {
        Self { networks, is_closed: true, ..Self::default() }
    }

    /// A pod was added or changed.
    pub fn apply(&self, new_holder: AddressHolder, now: Timestamp) {
        let mut holdings = self.write();
        prune(&mut holdings, now);
        end(&mut holdings, &new_holder.id, &new_holder.addresses, now);
        self.enter(&mut holdings, new_holder);
    }

    /// A pod was deleted.
    pub fn remove(&self, id: &str, now: Timestamp) {
        let mut holdings = self.write();
        prune(&mut holdings, now);
        end(&mut holdings, id, &[], now);
    }

    /// Replaces all holders.
    pub fn replace(&self, new_holders: Vec<AddressHolder>, now: Timestamp) {
        let mut holdings = self.write();
        prune(&mut holdings, now);
        let is_there = |address: &IpAddr, id: &str| {
            new_holders.iter().any(|new_holder| new_holder.id == id && new_holder.addresses.contains(address))
        };
        for (address, holders) in holdings.iter_mut() {
            for holder in holders.iter_mut().filter(|holder| !is_there(address, &holder.holder_id)) {
                holder.until.get_or_insert(now);
            }
        }
        for new_holder in new_holders {
            self.enter(&mut holdings, new_holder);
        }
    }

    /// IP bytes of local addresses without a known holder.
    pub fn unattributed_bytes(&self) -> u64 {
        self.unattributed_bytes.load(Ordering::Relaxed)
    }

    /// The workload that had an address at an instant.
    pub(super) fn whose(&self, address: IpAddr, at: Timestamp) -> Option<Arc<Workload>> {
        let holdings = self.read();
        holder(&holdings, address, at).map(|holder| Arc::clone(&holder.workload))
    }

    /// The holder of an address at an instant, with all of its addresses.
    pub(super) fn client(&self, address: IpAddr, at: Timestamp) -> Option<Client> {
        holder(&self.read(), address, at).map(|holder| holder.client.clone())
    }

    pub(super) fn address_state(&self, address: IpAddr, at: Timestamp) -> AddressState {
        match holder(&self.read(), address, at) {
            Some(HeldAddress { is_node: true, .. }) => AddressState::Node,
            Some(_) => AddressState::Pod,
            None if self.networks.iter().any(|network| network.contains(&address)) => AddressState::Local,
            None => AddressState::Foreign,
        }
    }

    /// Whether an address may still turn out to belong to a new pod.
    pub(super) fn is_awaited(&self, address: IpAddr, at: Timestamp, now: Timestamp) -> bool {
        let may_be_ours = match self.address_state(address, at) {
            AddressState::Local => true,
            AddressState::Foreign => self.networks.is_empty() && is_private(address),
            AddressState::Pod | AddressState::Node => false,
        };
        if !may_be_ours || self.is_closed {
            return false;
        }
        let mut strangers = self.strangers();
        if let Some(since) = strangers.get(&address) {
            return now.duration_since(*since).abs() < PATIENCE;
        }
        if strangers.len() >= MAX_STRANGERS {
            return false;
        }
        strangers.insert(address, now);
        true
    }

    /// Whether local networks are known at all: if not, private addresses count as local.
    pub(super) fn has_networks(&self) -> bool {
        !self.networks.is_empty()
    }

    pub(super) fn count_unattributed(&self, bytes: u64) {
        self.unattributed_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn enter(&self, holdings: &mut HashMap<IpAddr, Vec<HeldAddress>>, new_holder: AddressHolder) {
        let AddressHolder { id, addresses, workload, is_node, from, until } = new_holder;
        let workload = Arc::new(workload);
        let known = addresses.iter().filter_map(|address| holdings.get(address)).flatten();
        let number = known.filter(|holder| holder.holder_id == id).map(|holder| holder.client.number).next();
        let number = number.unwrap_or_else(|| self.numbered.fetch_add(1, Ordering::Relaxed));
        let client = Client { number, addresses: addresses.as_slice().into(), is_one_host: true };
        for address in addresses {
            self.strangers().remove(&address);
            let holders = holdings.entry(address).or_default();
            let (holder_id, client, workload) = (id.clone(), client.clone(), Arc::clone(&workload));
            let held = HeldAddress { holder_id, client, workload, is_node, from, until };
            match holders.iter_mut().find(|holder| holder.holder_id == id) {
                // Another update does not change when it ended.
                Some(known) => {
                    *known = HeldAddress { until: known.until.filter(|_| until.is_some()).or(until), ..held }
                }
                None => holders.push(held),
            }
            holders.sort_by_key(|holder| holder.from);
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<IpAddr, Vec<HeldAddress>>> {
        self.holdings.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<IpAddr, Vec<HeldAddress>>> {
        self.holdings.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn strangers(&self) -> MutexGuard<'_, HashMap<IpAddr, Timestamp>> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last holder that had the address by `at`. The first one counts for earlier instants, too: packets and pods are
/// timed by different clocks.
fn holder(holdings: &HashMap<IpAddr, Vec<HeldAddress>>, address: IpAddr, at: Timestamp) -> Option<&HeldAddress> {
    let holders = holdings.get(&address.to_canonical())?;
    let holder = holders.iter().rfind(|holder| holder.from <= at).or(holders.first())?;
    let is_over = holder.until.is_some_and(|until| at.duration_since(until) > LINGER);
    (!is_over).then_some(holder)
}

/// Ends the holder's claim to all addresses but `kept`.
fn end(holdings: &mut HashMap<IpAddr, Vec<HeldAddress>>, id: &str, kept: &[IpAddr], now: Timestamp) {
    for (_, holders) in holdings.iter_mut().filter(|(address, _)| !kept.contains(address)) {
        for holder in holders.iter_mut().filter(|holder| holder.holder_id == id) {
            holder.until.get_or_insert(now);
        }
    }
}

/// Removes holders that ended long ago.
fn prune(holdings: &mut HashMap<IpAddr, Vec<HeldAddress>>, now: Timestamp) {
    let is_over = |holder: &HeldAddress| holder.until.is_some_and(|until| now.duration_since(until) > LINGER * 2);
    holdings.retain(|_, holders| {
        holders.retain(|holder| !is_over(holder));
        !holders.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn pod(name: &str, addresses: &[&str], from: i64) -> AddressHolder {
        AddressHolder {
            id: name.to_owned(),
            addresses: addresses.iter().map(|text| address(text)).collect(),
            workload: Workload::new("crm", "Deployment", name),
            is_node: false,
            from: at(from),
            until: None,
        }
    }

    fn whose(directory: &Directory, text: &str, seconds: i64) -> Option<String> {
        directory.whose(address(text), at(seconds)).map(|workload| workload.name.clone())
    }

    #[test]
    fn an_address_stays_with_a_pod_that_is_gone_until_another_has_it() {
        let directory = Directory::default();
        directory.apply(pod("a", &["192.0.2.1", "2001:db8::1"], 0), at(1));
        directory.remove("a", at(100));
        assert_eq!(whose(&directory, "192.0.2.1", 50), Some("a".to_owned()));
        assert_eq!(whose(&directory, "2001:db8::1", 160), Some("a".to_owned()));
        assert_eq!(whose(&directory, "192.0.2.1", 161), None);
        directory.apply(pod("b", &["192.0.2.1"], 130), at(133));
        for (seconds, expected) in [(50, "a"), (129, "a"), (130, "b"), (500, "b")] {
            assert_eq!(whose(&directory, "192.0.2.1", seconds), Some(expected.to_owned()), "{seconds}");
        }
        assert_eq!(whose(&directory, "::ffff:192.0.2.1", 200), Some("b".to_owned()));
    }

    #[test]
    fn a_packet_before_the_first_pod_is_that_pods() {
        let directory = Directory::default();
        directory.apply(pod("a", &["192.0.2.1"], 100), at(100));
        assert_eq!(whose(&directory, "192.0.2.1", 98), Some("a".to_owned()));
    }

    #[test]
    fn a_pod_that_has_ended_gives_its_address_away() {
        let directory = Directory::default();
        let ended = AddressHolder { until: Some(at(40)), ..pod("job", &["192.0.2.1"], 0) };
        directory.apply(ended.clone(), at(41));
        directory.apply(AddressHolder { until: Some(at(90)), ..ended }, at(90));
        assert_eq!(whose(&directory, "192.0.2.1", 99), Some("job".to_owned()));
        assert_eq!(whose(&directory, "192.0.2.1", 101), None);
    }

    #[test]
    fn a_pod_that_changes_its_address_leaves_the_old_one() {
        let directory = Directory::default();
        directory.apply(pod("a", &["192.0.2.1"], 0), at(0));
        directory.apply(pod("a", &["192.0.2.2"], 0), at(10));
        assert_eq!(whose(&directory, "192.0.2.2", 20), Some("a".to_owned()));
        assert_eq!(whose(&directory, "192.0.2.1", 20), Some("a".to_owned()));
        assert_eq!(whose(&directory, "192.0.2.1", 71), None);
    }

    #[test]
    fn a_list_ends_who_is_not_in_it_and_is_forgotten_in_time() {
        let directory = Directory::default();
        directory.apply(pod("a", &["192.0.2.1"], 0), at(0));
        directory.apply(pod("b", &["192.0.2.2"], 0), at(0));
        directory.replace(vec![pod("b", &["192.0.2.2"], 0), pod("c", &["192.0.2.3"], 5)], at(10));
        for (text, expected) in
            [("192.0.2.1", None), ("192.0.2.2", Some("b".to_owned())), ("192.0.2.3", Some("c".to_owned()))]
        {
            assert_eq!(whose(&directory, text, 100), expected, "{text}");
        }
        directory.replace(vec![pod("b", &["192.0.2.2"], 0)], at(1000));
        directory.replace(vec![pod("b", &["192.0.2.2"], 0)], at(2000));
        assert_eq!(directory.read().len(), 1);
    }

    #[test]
    fn without_networks_a_private_address_may_be_a_pods() {
        let directory = Directory::default();
        assert!(directory.is_awaited(address("10.1.0.9"), at(0), at(0)));
        assert!(!directory.is_awaited(address("192.0.2.9"), at(0), at(0)));
    }

    #[test]
    fn there_is_no_waiting_if_pods_are_not_watched() {
        let directory = Directory::without_pods(vec!["192.0.2.0/24".parse().unwrap()]);
        assert!(!directory.is_awaited(address("192.0.2.9"), at(0), at(0)));
        assert_eq!(directory.address_state(address("192.0.2.9"), at(0)), AddressState::Local);
    }

    #[test]
    fn a_new_local_address_is_waited_for_once() {
        let directory = Directory::new(vec!["192.0.2.0/24".parse().unwrap()]);
        let local = address("192.0.2.9");
        let awaited = |seconds| directory.is_awaited(local, at(seconds), at(seconds));
        assert!(!directory.is_awaited(address("198.51.100.1"), at(0), at(0)));
        assert_eq!([0, 5, 9, 10, 60].map(awaited), [true, true, true, false, false]);
        directory.apply(pod("a", &["192.0.2.9"], 61), at(63));
        assert!(!awaited(64));
        directory.remove("a", at(70));
        assert_eq!([75, 131, 142].map(awaited), [false, true, false]);
    }
}
