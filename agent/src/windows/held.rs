//! Windows that may not leave: nobody has room for them. They merge instead of growing, with exact bytes.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::Timestamp;
use landfall_observation::{HostMethod, Protocol, Window};

use super::{Contribution, WindowKey, Windows};

/// How many minutes are told apart; older ones count as the oldest of these.
const MINUTES: usize = 5;
/// Most observations that are held; beyond them a workload's traffic of the oldest minutes is one observation a
/// transport and direction, with a remote that says nothing.
const OBSERVATIONS: usize = 20_000;

impl Windows {
    /// Merges what is open, as far as it is too much to hold.
    pub fn gather(&mut self) {
        while self.open.len() > MINUTES
            && let Some((_, oldest)) = self.open.pop_first()
        {
            self.merge_into_oldest(oldest);
        }
        let mut held: usize = self.open.values().flat_map(BTreeMap::values).map(Vec::len).sum();
        for keys in self.open.values_mut() {
            if held <= OBSERVATIONS {
                break;
            }
            let before: usize = keys.values().map(Vec::len).sum();
            let mut others: BTreeMap<WindowKey, Vec<Contribution>> = BTreeMap::new();
            for (key, contributions) in std::mem::take(keys) {
                for contribution in contributions {
                    let contribution = Contribution { names: Vec::new(), location: Vec::new(), ..contribution };
                    put(&mut others, other(&key), contribution);
                }
            }
            held -= before - others.values().map(Vec::len).sum::<usize>();
            *keys = others;
        }
    }

    fn merge_into_oldest(&mut self, keys: BTreeMap<WindowKey, Vec<Contribution>>) {
        let Some(mut minute) = self.open.first_entry() else { return };
        let seconds = i64::try_from(minute.key() * 60).unwrap_or_default();
        let window = Window::at(Timestamp::from_second(seconds).unwrap_or_default());
        for (key, contributions) in keys {
            for contribution in contributions {
                put(minute.get_mut(), key.clone(), Contribution { window, ..contribution });
            }
        }
    }
}

fn put(keys: &mut BTreeMap<WindowKey, Vec<Contribution>>, key: WindowKey, contribution: Contribution) {
    let same_place = keys.entry(key).or_default();
    match same_place.iter_mut().find(|other| other.location == contribution.location) {
        Some(other) => other.merge(contribution),
        None => same_place.push(contribution),
    }
}

/// The key under which traffic stands that is not told apart any more.
fn other(key: &WindowKey) -> WindowKey {
    let anywhere = match key.remote {
        IpNet::V4(_) => IpNet::V4(Ipv4Net::default()),
        IpNet::V6(_) => IpNet::V6(Ipv6Net::default()),
    };
    WindowKey {
        remote: anywhere,
        port: 0,
        protocol: Protocol::UNKNOWN,
        host: None,
        host_method: HostMethod::None,
        ..key.clone()
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{
        Coverage, Direction, Identity, Initiator, Inspection, Local, Observation, Transport, Workload,
    };

    use super::*;

    fn windows() -> Windows {
        Windows::new(Identity { cluster: "c".to_owned(), agent: "a".to_owned(), epoch: 1, seq: 0 })
    }

    fn add(windows: &mut Windows, minute: i64, remote: &str, bytes: u64) {
        let key = WindowKey {
            local: Local::Workload(Workload::new("crm", "Deployment", "crm")),
            remote: remote.parse().unwrap(),
            initiator: Initiator::Local,
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: Some("api.example.org".to_owned()),
            host_method: HostMethod::Sni,
        };
        let contribution = Contribution {
            window: Window::at(Timestamp::from_second(minute * 60 + 7).unwrap()),
            names: Vec::new(),
            ech: false,
            tls: None,
            location: Vec::new(),
            sent: Direction { bytes, packets: 1, ..Direction::default() },
            received: Direction::default(),
            inspection: Inspection::Opaque,
            coverage: Coverage::default(),
        };
        windows.add(key, contribution);
    }

    fn bytes(observations: &[Observation]) -> u64 {
        for observation in observations {
            observation.validate().unwrap();
        }
        observations.iter().map(|observation| observation.sent.bytes).sum()
    }

    #[test]
    fn held_minutes_merge_with_exact_bytes() {
        let mut windows = windows();
        for minute in 0..100 {
            add(&mut windows, minute, "192.0.2.0/24", 100);
            add(&mut windows, minute, &format!("198.51.{minute}.0/24"), 1);
            windows.gather();
        }
        let observations = windows.close_all();
        assert_eq!(bytes(&observations), 100 * 101);
        assert_eq!(observations.len(), 100 + MINUTES);
        let minutes: Vec<_> = observations.iter().map(|observation| Window::minute(observation.window.start)).collect();
        assert!(minutes.is_sorted() && minutes[0] == 95 && minutes.last() == Some(&99), "{minutes:?}");
    }

    #[test]
    fn what_is_held_is_bounded_and_its_bytes_are_exact() {
        let mut windows = windows();
        let mut sum = 0;
        for minute in 0..20 {
            for prefix in 0..5000_u64 {
                add(&mut windows, minute, &format!("2001:db8:{prefix:x}::/48"), prefix + 1);
                sum += prefix + 1;
            }
            windows.gather();
            let held: usize = windows.open.values().flat_map(BTreeMap::values).map(Vec::len).sum();
            assert!(held <= OBSERVATIONS, "{held}");
        }
        let observations = windows.close_all();
        assert_eq!(bytes(&observations), sum);
        assert_eq!(observations[0].channel.host, None);
        assert_eq!(observations.last().unwrap().channel.host.as_deref(), Some("api.example.org"));
    }
}
