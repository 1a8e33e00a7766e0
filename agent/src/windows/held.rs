//! Windows that are held back because the spool is full. They are merged to bound their memory; byte counts stay exact.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_observation::Window;

use super::{
    Contribution, Open, Windows, add_to,
    keys::{ALL_KEYS, anonymous, is_other, other},
};

/// Maximum number of separate minutes; older ones are merged into the oldest of these.
const MINUTES: usize = 5;
/// Maximum number of held observations; beyond that, a workload's traffic of the oldest minutes becomes one observation
/// per transport and direction, without a remote.
const OBSERVATIONS: usize = ALL_KEYS;

impl Windows {
    /// Merges open windows until they are within the bounds.
    pub fn gather(&mut self) {
        while self.open.len() > MINUTES
            && let Some((_, oldest)) = self.open.pop_first()
        {
            self.merge_into_oldest(oldest);
        }
        let mut held: usize = self.open.values().flat_map(BTreeMap::values).map(Vec::len).sum();
        for open in self.open.values_mut() {
            if held <= OBSERVATIONS {
                break;
            }
            let before: usize = open.values().map(Vec::len).sum();
            let mut others = Open::new();
            for (key, contributions) in std::mem::take(open) {
                if !is_other(&key) {
                    self.merged += contributions.len() as u64;
                }
                let key = other(key);
                for contribution in contributions {
                    add_to(&mut others, key.clone(), anonymous(contribution));
                }
            }
            held -= before - others.values().map(Vec::len).sum::<usize>();
            *open = others;
        }
    }

    fn merge_into_oldest(&mut self, older: Open) {
        let Some((&minute, _)) = self.open.first_key_value() else { return };
        let seconds = i64::try_from(minute * 60).unwrap_or_default();
        let window = Window::at(Timestamp::from_second(seconds).unwrap_or_default());
        for (key, contributions) in older {
            for contribution in contributions {
                self.put(minute, key.clone(), Contribution { window, ..contribution });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use landfall_observation::{
        Coverage, Direction, Handshake, HostMethod, Identity, Initiator, Inspection, Observation, Protocol, Transport,
        Workload,
    };

    use super::*;
    use crate::windows::{WindowKey, keys::PARTY_KEYS};

    fn windows() -> Windows {
        Windows::new(Identity { cluster: "c".to_owned(), agent: "a".to_owned(), epoch: 1, seq: 0 })
    }

    fn add(windows: &mut Windows, minute: i64, workload: &str, remote: &str, bytes: u64) {
        let key = WindowKey {
            local: Arc::new(Workload::new("crm", "Deployment", workload)).into(),
            remote: remote.parse().unwrap(),
            outside: Vec::new(),
            initiator: Initiator::Local,
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: Some("api.example.org".to_owned()),
            host_method: HostMethod::Sni,
            handshake: Handshake::Completed,
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
            reader: None,
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
            add(&mut windows, minute, "crm", "192.0.2.0/24", 100);
            add(&mut windows, minute, "crm", &format!("198.51.{minute}.0/24"), 1);
            windows.gather();
        }
        let observations = windows.close_all();
        assert_eq!(bytes(&observations), 100 * 101);
        assert_eq!(observations.len(), 100 + MINUTES);
        let minutes: Vec<_> = observations.iter().map(|observation| Window::minute(observation.window.start)).collect();
        assert!(minutes.is_sorted() && minutes[0] == 95 && minutes.last() == Some(&99), "{minutes:?}");
    }

    #[test]
    fn merged_minutes_have_the_key_limit_of_one() {
        let mut windows = windows();
        for minute in 0..20 {
            for prefix in 0..100 {
                add(&mut windows, minute, "crm", &format!("2001:db8:{:x}::/48", minute * 100 + prefix), 1);
            }
            windows.gather();
        }
        let observations = windows.close_all();
        assert_eq!(bytes(&observations), 2_000);
        let in_oldest = observations.iter().filter(|one| Window::minute(one.window.start) == 15);
        // 1,600 prefixes were merged there.
        assert_eq!(in_oldest.count(), PARTY_KEYS + 1);
        assert_eq!(windows.merged(), 1_100);
    }

    #[test]
    fn held_observations_are_bounded_with_exact_bytes() {
        let mut windows = windows();
        let mut sum = 0;
        for minute in 0..20 {
            for prefix in 0..5000_u64 {
                let workload = format!("crm-{}", prefix / 500);
                add(&mut windows, minute, &workload, &format!("2001:db8:{prefix:x}::/48"), prefix + 1);
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
