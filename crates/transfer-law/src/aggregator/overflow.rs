//! The edge `other` of a namespace, which takes the traffic beyond the quota of edges.

use crate::{Counterpart, EdgeId, Exporter, edge::OTHER};

impl EdgeId {
    /// Whether it is the edge `other` of its namespace.
    pub(super) fn is_overflow(&self) -> bool {
        let is_overflow = matches!(&self.exporter, Exporter::Workload(of) if of.kind == "Other" && of.name == OTHER);
        is_overflow && self.recipient == OTHER && self.endpoint.is_empty()
    }

    /// The edge `other` that takes the traffic of this one beyond the quota. It has one exporter for the whole
    /// namespace: one edge for each exporter could again be too many.
    pub(super) fn into_overflow(self) -> Self {
        let exporter = Exporter::workload(self.exporter.namespace(), "Other", OTHER);
        Self { exporter, recipient: OTHER.to_owned(), endpoint: String::new(), ..self }
    }
}

impl Counterpart {
    /// The counterpart as part of the edge `other`. A policy's declaration is dropped, because it need not apply to all
    /// of the edge's recipients.
    pub(super) fn among_others(&self) -> Self {
        match self {
            Self::Unregistered { remote_access, .. } => {
                Self::Other { unregistered: true, remote_access: *remote_access }
            }
            // A candidate with an endpoint entry may be registered.
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
