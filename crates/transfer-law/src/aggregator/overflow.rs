//! The edge `other` of a namespace, into which falls what the namespace has no room for.

use crate::{Counterpart, EdgeId, Exporter, edge::OTHER};

impl EdgeId {
    /// Whether it is the edge `other` of its namespace.
    pub(super) fn is_overflow(&self) -> bool {
        let is_overflow = matches!(&self.exporter, Exporter::Workload(of) if of.kind == "Other" && of.name == OTHER);
        is_overflow && self.recipient == OTHER && self.endpoint.is_empty()
    }

    /// The edge into which this one falls if its namespace has no room for it. Its exporter stands for all of the
    /// namespace: of each exporter there could be an edge `other`, and they too can be many.
    pub(super) fn into_overflow(self) -> Self {
        let exporter = Exporter::workload(self.exporter.namespace(), "Other", OTHER);
        Self { exporter, recipient: OTHER.to_owned(), endpoint: String::new(), ..self }
    }
}

impl Counterpart {
    /// As one of those that are not kept apart. What a policy declares is forgotten: who knows whether it is
    /// about all of them.
    pub(super) fn among_others(&self) -> Self {
        match self {
            Self::Unregistered { remote_access, .. } => {
                Self::Other { unregistered: true, remote_access: *remote_access }
            }
            // As long as one of them may be registered, which is what its endpoint entry says.
            Self::Ambiguous { candidates } => Self::Other {
                unregistered: !candidates.iter().any(|candidate| candidate.contains('/')),
                remote_access: false,
            },
            Self::Registered { .. } | Self::OwnNetwork { .. } | Self::DataSubject => {
                Self::Other { unregistered: false, remote_access: false }
            }
            Self::DeclaredNotPersonal { otherwise, .. } => otherwise.among_others(),
            Self::Truncated { candidates, otherwise, .. } => {
                let is_stranger = |one: &Self| matches!(one.among_others(), Self::Other { unregistered: true, .. });
                let all = candidates.iter().map(|candidate| &candidate.stands_for).chain([&**otherwise]);
                Self::Other { unregistered: all.clone().all(is_stranger), remote_access: false }
            }
            Self::Other { .. } => self.clone(),
        }
    }
}
