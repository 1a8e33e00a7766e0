use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
    sync::Arc,
};

use landfall_observation::Workload;

/// A local party, shared by its keys. Equality is by content, with a shortcut for the same allocation: each flow
/// compares its key with many keys of the same party.
#[derive(Debug, Clone)]
pub struct Party(Arc<Workload>);

impl Party {
    /// The workload as in observations.
    pub(super) fn workload(&self) -> &Workload {
        &self.0
    }
}

impl From<Arc<Workload>> for Party {
    fn from(workload: Arc<Workload>) -> Self {
        Self(workload)
    }
}

impl PartialEq for Party {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Party {}

impl PartialOrd for Party {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Party {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

/// Hashes only the names, which distinguish nearly all parties.
impl Hash for Party {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Workload { namespace, kind, name, pod, .. } = &*self.0;
        (namespace, kind, name, pod).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use super::*;

    fn party(name: &str, label: &str) -> Party {
        let mut workload = Workload::new("crm", "Deployment", name);
        workload.labels.insert("app".to_owned(), label.to_owned());
        Party::from(Arc::new(workload))
    }

    #[test]
    fn parties_are_compared_by_content_whether_they_are_shared_or_not() {
        let (one, other) = (party("a", "x"), party("a", "y"));
        assert_eq!((one.cmp(&one.clone()), one.cmp(&party("a", "x"))), (Ordering::Equal, Ordering::Equal));
        assert_eq!((one.cmp(&other), other.cmp(&one)), (Ordering::Less, Ordering::Greater));
        assert!(one == one.clone() && one == party("a", "x") && one != other && one < party("b", "a"));
        let hasher = std::hash::RandomState::new();
        assert_eq!(hasher.hash_one(&one), hasher.hash_one(party("a", "x")));
    }
}
