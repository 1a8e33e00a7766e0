//! Who has which address of a node, and since when: pods come and go, and their addresses go to others.

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

/// How long an address stays with a pod that is gone, for packets that are read late.
const LINGER: SignedDuration = SignedDuration::from_secs(60);
/// How long a new address of ours is waited for: the node gives it to the pod before it tells of it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// Most addresses that are waited for or were in vain; beyond them nobody is waited for.
const MAX_STRANGERS: usize = 65_536;

/// Who has which address, and when.
#[derive(Debug, Default)]
pub struct Directory {
    /// Networks of pods and nodes: an address in them is ours, whether it is known or not.
    networks: Vec<IpNet>,
    tenancies: RwLock<HashMap<IpAddr, Vec<Tenancy>>>,
    /// How many tenants have come so far, which numbers them.
    numbered: AtomicU64,
    /// Addresses of ours that nobody has, and since when they are asked for.
    strangers: Mutex<HashMap<IpAddr, Timestamp>>,
    unattributed_bytes: AtomicU64,
    /// Whether nobody will tell of pods, so that none are waited for.
    is_closed: bool,
}

/// A pod, or the node, with its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// What tells it from its namesakes.
    pub id: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// What stands in observations.
    pub workload: Workload,
    /// Whether it is the node itself, which outweighs no pod.
    pub is_node: bool,
    /// Since when its addresses are its own.
    pub from: Timestamp,
    /// When it ended, if it did: its addresses may be another's by now.
    pub until: Option<Timestamp>,
}

/// A time that an address was somebody's.
#[derive(Debug, Clone)]
struct Tenancy {
    tenant: String,
    client: Client,
    workload: Arc<Workload>,
    is_node: bool,
    from: Timestamp,
    until: Option<Timestamp>,
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Pod,
    Node,
    /// In one of our networks, and nobody's.
    Ours,
    Foreign,
}

// === impl Directory ===

impl Directory {
    /// Nobody is known; addresses in `networks` are ours.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks, ..Self::default() }
    }

    /// The same where nobody will tell of pods: nothing is waited for.
    pub fn without_pods(networks: Vec<IpNet>) -> Self {
        Self { networks, is_closed: true, ..Self::default() }
    }

    /// A pod has come or changed.
    pub fn apply(&self, tenant: Tenant, now: Timestamp) {
        let mut tenancies = self.write();
        prune(&mut tenancies, now);
        end(&mut tenancies, &tenant.id, &tenant.addresses, now);
        self.enter(&mut tenancies, tenant);
    }

    /// A pod is gone.
    pub fn remove(&self, id: &str, now: Timestamp) {
        let mut tenancies = self.write();
        prune(&mut tenancies, now);
        end(&mut tenancies, id, &[], now);
    }

    /// These and no others are there.
    pub fn replace(&self, tenants: Vec<Tenant>, now: Timestamp) {
        let mut tenancies = self.write();
        prune(&mut tenancies, now);
        let is_there = |address: &IpAddr, id: &str| {
            tenants.iter().any(|tenant| tenant.id == id && tenant.addresses.contains(address))
        };
        for (address, holders) in tenancies.iter_mut() {
            for holder in holders.iter_mut().filter(|holder| !is_there(address, &holder.tenant)) {
                holder.until.get_or_insert(now);
            }
        }
        for tenant in tenants {
            self.enter(&mut tenancies, tenant);
        }
    }

    /// IP bytes of our addresses that were nobody's.
    pub fn unattributed_bytes(&self) -> u64 {
        self.unattributed_bytes.load(Ordering::Relaxed)
    }

    /// Whose an address was at an instant.
    pub(super) fn whose(&self, address: IpAddr, at: Timestamp) -> Option<Arc<Workload>> {
        let tenancies = self.read();
        holder(&tenancies, address, at).map(|holder| Arc::clone(&holder.workload))
    }

    /// Who had an address at an instant, with all of its addresses.
    pub(super) fn client(&self, address: IpAddr, at: Timestamp) -> Option<Client> {
        holder(&self.read(), address, at).map(|holder| holder.client.clone())
    }

    pub(super) fn standing(&self, address: IpAddr, at: Timestamp) -> Standing {
        match holder(&self.read(), address, at) {
            Some(Tenancy { is_node: true, .. }) => Standing::Node,
            Some(_) => Standing::Pod,
            None if self.networks.iter().any(|network| network.contains(&address)) => Standing::Ours,
            None => Standing::Foreign,
        }
    }

    /// Whether an address may yet turn out to be a new pod's.
    pub(super) fn is_awaited(&self, address: IpAddr, at: Timestamp, now: Timestamp) -> bool {
        let may_be_ours = match self.standing(address, at) {
            Standing::Ours => true,
            Standing::Foreign => self.networks.is_empty() && is_private(address),
            Standing::Pod | Standing::Node => false,
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

    /// Whether our networks are known at all: else a private address is taken for ours.
    pub(super) fn has_networks(&self) -> bool {
        !self.networks.is_empty()
    }

    pub(super) fn count_unattributed(&self, bytes: u64) {
        self.unattributed_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn enter(&self, tenancies: &mut HashMap<IpAddr, Vec<Tenancy>>, tenant: Tenant) {
        let Tenant { id, addresses, workload, is_node, from, until } = tenant;
        let workload = Arc::new(workload);
        let known = addresses.iter().filter_map(|address| tenancies.get(address)).flatten();
        let number = known.filter(|holder| holder.tenant == id).map(|holder| holder.client.number).next();
        let number = number.unwrap_or_else(|| self.numbered.fetch_add(1, Ordering::Relaxed));
        let client = Client { number, addresses: addresses.as_slice().into(), is_one_host: true };
        for address in addresses {
            self.strangers().remove(&address);
            let holders = tenancies.entry(address).or_default();
            let (tenant, client, workload) = (id.clone(), client.clone(), Arc::clone(&workload));
            let tenancy = Tenancy { tenant, client, workload, is_node, from, until };
            match holders.iter_mut().find(|holder| holder.tenant == id) {
                // When it ended does not change by its being told again.
                Some(known) => *known = Tenancy { until: known.until.filter(|_| until.is_some()).or(until), ..tenancy },
                None => holders.push(tenancy),
            }
            holders.sort_by_key(|holder| holder.from);
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<IpAddr, Vec<Tenancy>>> {
        self.tenancies.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<IpAddr, Vec<Tenancy>>> {
        self.tenancies.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn strangers(&self) -> MutexGuard<'_, HashMap<IpAddr, Timestamp>> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of all who had an address the last that had it by then. Whoever had it first had it before, too: an instant of a
/// packet and one of a pod are not told by one clock.
fn holder(tenancies: &HashMap<IpAddr, Vec<Tenancy>>, address: IpAddr, at: Timestamp) -> Option<&Tenancy> {
    let holders = tenancies.get(&address.to_canonical())?;
    let holder = holders.iter().rfind(|holder| holder.from <= at).or(holders.first())?;
    let is_over = holder.until.is_some_and(|until| at.duration_since(until) > LINGER);
    (!is_over).then_some(holder)
}

/// A tenant keeps `kept` of its addresses at most.
fn end(tenancies: &mut HashMap<IpAddr, Vec<Tenancy>>, id: &str, kept: &[IpAddr], now: Timestamp) {
    for (_, holders) in tenancies.iter_mut().filter(|(address, _)| !kept.contains(address)) {
        for holder in holders.iter_mut().filter(|holder| holder.tenant == id) {
            holder.until.get_or_insert(now);
        }
    }
}

/// Forgets whoever is gone for long.
fn prune(tenancies: &mut HashMap<IpAddr, Vec<Tenancy>>, now: Timestamp) {
    let is_over = |holder: &Tenancy| holder.until.is_some_and(|until| now.duration_since(until) > LINGER * 2);
    tenancies.retain(|_, holders| {
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

    fn pod(name: &str, addresses: &[&str], from: i64) -> Tenant {
        Tenant {
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
        let ended = Tenant { until: Some(at(40)), ..pod("job", &["192.0.2.1"], 0) };
        directory.apply(ended.clone(), at(41));
        directory.apply(Tenant { until: Some(at(90)), ..ended }, at(90));
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
    fn nobody_is_waited_for_where_no_pods_are_told() {
        let directory = Directory::without_pods(vec!["192.0.2.0/24".parse().unwrap()]);
        assert!(!directory.is_awaited(address("192.0.2.9"), at(0), at(0)));
        assert_eq!(directory.standing(address("192.0.2.9"), at(0)), Standing::Ours);
    }

    #[test]
    fn a_new_address_of_ours_is_waited_for_once() {
        let directory = Directory::new(vec!["192.0.2.0/24".parse().unwrap()]);
        let ours = address("192.0.2.9");
        let awaited = |seconds| directory.is_awaited(ours, at(seconds), at(seconds));
        assert!(!directory.is_awaited(address("198.51.100.1"), at(0), at(0)));
        assert_eq!([0, 5, 9, 10, 60].map(awaited), [true, true, true, false, false]);
        directory.apply(pod("a", &["192.0.2.9"], 61), at(63));
        assert!(!awaited(64));
        directory.remove("a", at(70));
        assert_eq!([75, 131, 142].map(awaited), [false, true, false]);
    }
}
