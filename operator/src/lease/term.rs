//! What a candidate does with a Lease that it read. Pure.

use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::Instant;

use super::LENGTH;

/// The resource version of the Lease, and when it was first seen.
#[derive(Debug, Default)]
pub(super) struct Observed(Option<(Option<String>, Instant)>);

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// This candidate holds it.
    Renew,
    /// It is released or expired.
    Take,
    /// Another candidate holds it.
    Wait,
}

pub(super) fn step(lease: &Lease, me: &str, observed: &mut Observed, now: Instant) -> Step {
    let version = lease.metadata.resource_version.clone();
    let since = match &observed.0 {
        Some((known, since)) if *known == version => *since,
        _ => {
            observed.0 = Some((version, now));
            now
        }
    };
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
    if holder == me {
        Step::Renew
    } else if holder.is_empty() || now.duration_since(since) >= LENGTH {
        Step::Take
    } else {
        Step::Wait
    }
}

/// The epoch of a term that begins: later than that of the Lease, and than one that was used elsewhere.
pub(super) fn next_epoch(known: i32, above: u64) -> i32 {
    known.max(i32::try_from(above).unwrap_or(i32::MAX)).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::coordination::v1::LeaseSpec;
    use kube::api::ObjectMeta;

    use super::*;

    fn lease(holder: &str, version: &str) -> Lease {
        let metadata = ObjectMeta { resource_version: Some(version.to_owned()), ..ObjectMeta::default() };
        let spec = LeaseSpec { holder_identity: Some(holder.to_owned()), ..LeaseSpec::default() };
        Lease { metadata, spec: Some(spec) }
    }

    #[test]
    fn a_holder_is_gone_when_nothing_changed_for_the_length_of_the_lease() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut observed = Observed::default();
        let mut at_version = |version, seconds| step(&lease("other", version), "me", &mut observed, at(seconds));
        assert_eq!(at_version("1", 0), Step::Wait);
        assert_eq!(at_version("1", 14), Step::Wait);
        // It was renewed just in time: the duration starts again.
        assert_eq!(at_version("2", 15), Step::Wait);
        assert_eq!(at_version("2", 29), Step::Wait);
        assert_eq!(at_version("2", 30), Step::Take);
    }

    #[test]
    fn a_released_lease_is_taken_at_once_and_an_own_one_is_renewed() {
        let now = Instant::now();
        assert_eq!(step(&lease("", "1"), "me", &mut Observed::default(), now), Step::Take);
        assert_eq!(step(&lease("me", "1"), "me", &mut Observed::default(), now), Step::Renew);
        assert_eq!(step(&Lease::default(), "me", &mut Observed::default(), now), Step::Take);
    }

    #[test]
    fn a_term_begins_above_the_lease_and_the_ledger() {
        assert_eq!([next_epoch(0, 0), next_epoch(4, 2), next_epoch(0, 7)], [1, 5, 8]);
        assert_eq!(next_epoch(3, u64::MAX), i32::MAX);
    }
}
