//! Remotes whose truncated address contains a prefix that the register declares: whether they lie in that prefix is not
//! known, unless the agent already knew the prefix and recorded that they do not.

use ipnet::IpNet;
use landfall_transfer_law::{Counterpart, DeclaredPrefix};

use super::{Named, Resolver, View, remote::Remote};

/// The most prefixes that are listed; one suffices for the verdict.
const MAX_CANDIDATES: usize = 16;

impl Resolver {
    /// Who the remote is; [`Counterpart::Truncated`] if that depends on its full address.
    pub(super) fn within(&self, view: &View, remote: &Remote, named: &Named<'_>) -> Counterpart {
        let otherwise = self.declared(view, remote, named);
        let Some(address) = remote.address else { return otherwise };
        let mut inner: Vec<_> = remote.inner(self.registry.within(remote).chain(view.prefixes())).collect();
        inner.sort();
        inner.dedup();
        let other = inner.into_iter().filter_map(|prefix| {
            let assumed = remote.at(prefix);
            let stands_for = self.declared(view, &assumed, named);
            let is_registered = matches!(stands_for, Counterpart::Registered { .. });
            let as_of = if is_registered { self.registry.as_of(&assumed) } else { None };
            makes_a_difference(&stands_for, &otherwise).then_some(DeclaredPrefix { prefix, stands_for, as_of })
        });
        let candidates: Vec<_> = other.take(MAX_CANDIDATES).collect();
        if candidates.is_empty() {
            return otherwise;
        }
        Counterpart::Truncated { address, candidates, otherwise: Box::new(otherwise) }
    }
}

/// Whether the possibility of `inside` instead of `otherwise` can change the verdict. That the remote may be declared
/// to receive no personal data matters only if it is not identified otherwise: a known counterpart is judged as such,
/// which never gives a better verdict.
fn makes_a_difference(inside: &Counterpart, otherwise: &Counterpart) -> bool {
    let is_unidentified = matches!(otherwise, Counterpart::Unregistered { .. } | Counterpart::Ambiguous { .. });
    match inside {
        Counterpart::DeclaredNotPersonal { otherwise: judged, .. } if !is_unidentified => !is_same(judged, otherwise),
        _ => !is_same(inside, otherwise),
    }
}

/// Whether two counterparts are judged alike.
fn is_same(one: &Counterpart, other: &Counterpart) -> bool {
    let is_remote_access = |counterpart: &Counterpart| {
        matches!(
            counterpart,
            Counterpart::Unregistered { remote_access: true, .. } | Counterpart::Other { remote_access: true, .. }
        )
    };
    (one.recipient(), one.endpoint()) == (other.recipient(), other.endpoint())
        && is_remote_access(one) == is_remote_access(other)
}

impl View {
    /// The prefixes that distinguish remotes, besides those of recipients.
    fn prefixes(&self) -> impl Iterator<Item = IpNet> + '_ {
        let own = self.own_networks.iter().flat_map(|network| &network.cidrs);
        let declared = self.not_personal.iter().flat_map(|declaration| &declaration.spec.cidrs);
        let ways_in = self.access_paths.iter().flat_map(|path| &path.cidrs);
        own.chain(declared).chain(ways_in).copied()
    }
}

impl Remote {
    /// The prefixes within the recorded address in which the remote may lie.
    pub(super) fn inner(&self, prefixes: impl Iterator<Item = IpNet>) -> impl Iterator<Item = IpNet> {
        prefixes.filter(|prefix| {
            let is_within = |address: IpNet| address.prefix_len() < prefix.prefix_len() && address.contains(prefix);
            self.address.is_some_and(is_within) && !self.outside.iter().any(|outside| outside.contains(prefix))
        })
    }

    /// The same remote, assumed to lie in `prefix`.
    fn at(&self, prefix: IpNet) -> Self {
        Self { address: Some(prefix), ..self.clone() }
    }
}
