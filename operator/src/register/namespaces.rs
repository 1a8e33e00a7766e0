//! Labels of namespaces: to whose agreements they consent, and which tenant they serve.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::api::core::v1::Namespace;
use kube::{ResourceExt as _, core::PartialObjectMeta};
use landfall_observation::Workload;

/// Label of a namespace: the namespace whose agreements may observe and judge its workloads.
pub const CONSENT_LABEL: &str = "landfall.dev/consent";
/// Label of a pod or namespace: the controller's tenant that it serves.
pub const TENANT_LABEL: &str = "landfall.dev/tenant";

/// The labels of all namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespaces(BTreeMap<String, BTreeMap<String, String>>);

impl Namespaces {
    pub(super) fn from_state(state: &[Arc<PartialObjectMeta<Namespace>>]) -> Self {
        Self(state.iter().map(|namespace| (namespace.name_any(), namespace.labels().clone())).collect())
    }

    /// The labels of a namespace; `None` if it does not exist.
    pub fn labels(&self, namespace: &str) -> Option<&BTreeMap<String, String>> {
        self.0.get(namespace)
    }

    /// Whether a namespace consents to the agreements in the namespace `agreements`. It needs the label even for agreements of
    /// its own.
    pub fn consents(&self, namespace: &str, agreements: &str) -> bool {
        self.labels(namespace).and_then(|labels| labels.get(CONSENT_LABEL)).is_some_and(|to| to == agreements)
    }

    /// Sets the namespace labels and, if missing, the tenant of a workload. Labels reported by the agent are ignored.
    pub(super) fn describe(&self, workload: &mut Workload) {
        workload.namespace_labels = self.labels(&workload.namespace).cloned().unwrap_or_default();
        if workload.tenant.is_none() {
            workload.tenant = workload.namespace_labels.get(TENANT_LABEL).cloned();
        }
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &[(&str, &str)]); N]> for Namespaces {
    fn from(namespaces: [(&str, &[(&str, &str)]); N]) -> Self {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Self(
            namespaces
                .into_iter()
                .map(|(name, labels)| (name.to_owned(), labels.iter().map(owned).collect()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespaces() -> Namespaces {
        Namespaces::from([
            ("crm", [(CONSENT_LABEL, "privacy"), (TENANT_LABEL, "atelier")].as_slice()),
            ("privacy", &[("team", "legal")]),
        ])
    }

    #[test]
    fn a_namespace_consents_by_its_label_alone() {
        let namespaces = namespaces();
        assert!(namespaces.consents("crm", "privacy"));
        assert!(!namespaces.consents("crm", "other"));
        assert!(!namespaces.consents("privacy", "privacy"));
        assert!(!namespaces.consents("unknown", "privacy"));
    }

    #[test]
    fn labels_of_a_workload_come_from_the_cluster_and_not_from_the_agent() {
        let mut workload = Workload::new("crm", "Deployment", "sync");
        workload.namespace_labels = [("forged".to_owned(), "yes".to_owned())].into();
        namespaces().describe(&mut workload);
        assert_eq!(workload.namespace_labels.keys().collect::<Vec<_>>(), [CONSENT_LABEL, TENANT_LABEL]);
        assert_eq!(workload.tenant.as_deref(), Some("atelier"));

        let mut own = Workload { tenant: Some("own".to_owned()), ..Workload::new("crm", "Deployment", "sync") };
        namespaces().describe(&mut own);
        assert_eq!(own.tenant.as_deref(), Some("own"));

        let mut gone = Workload { namespace: "gone".to_owned(), ..workload };
        namespaces().describe(&mut gone);
        assert_eq!(gone.namespace_labels.len(), 0);
    }
}
