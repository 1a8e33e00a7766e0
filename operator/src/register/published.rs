//! The register in force.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use jiff::Timestamp;
use landfall_observation::{AgentConfiguration, Local, Observation};
use landfall_register::{Alerting, Resolved, Resolver};
use landfall_transfer_law::{AgreementId, Ruleset};

use super::Namespaces;

/// The register in force.
#[derive(Debug, Clone)]
pub struct Published {
    /// The ruleset.
    pub ruleset: Arc<Ruleset>,
    /// Resolves the remote party of an observation.
    pub resolver: Arc<Resolver>,
    /// The agents' configuration.
    pub agent: Arc<AgentConfiguration>,
    /// Alert settings by agreement.
    pub alerting: Arc<BTreeMap<AgreementId, Alerting>>,
    /// Labels of the namespaces.
    pub namespaces: Arc<Namespaces>,
    /// When the ruleset was compiled; changes of namespaces do not affect it.
    pub compiled_at: Timestamp,
    /// Why it differs from the objects in the cluster, if it does.
    pub stale: Option<Stale>,
}

/// Why the register in force differs from the objects in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// Objects that cannot be decoded or that their schema rejects. Their last good version, if any, is in force.
    Objects {
        /// How many.
        count: usize,
        /// Kind and name of the first, such as `Recipient openai`.
        first: String,
    },
    /// The register could not be compiled.
    Compiler,
    /// A watch fails, so changes are not seen.
    Watch {
        /// Kind of the objects.
        kind: &'static str,
    },
}

impl Published {
    /// The version of the ruleset: a hash over the objects.
    pub fn version(&self) -> &str {
        &self.ruleset.version
    }

    /// Fills in the labels of the workload's namespace, and its tenant if the workload names none; of a topic the categories
    /// that its MessageBus declares.
    pub fn describe(&self, observation: &mut Observation) {
        if let Local::Workload(workload) = &mut observation.local {
            self.namespaces.describe(workload);
        } else if let Cow::Owned(described) = self.resolver.described(observation) {
            *observation = described;
        }
    }

    /// Resolves the remote party under every agreement that selects the workload and that its namespace, or the bus of the
    /// topic, consents to. If the result is empty, no agreement applies and nothing may be judged.
    pub fn resolve(&self, observation: &Observation) -> Vec<Resolved> {
        self.resolver.resolve_consented(observation, |workload, agreement| {
            self.namespaces.consents(&workload.namespace, &agreement.namespace)
        })
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Objects { count: 1, first } => write!(f, "{first} is invalid"),
            Self::Objects { count, first } => write!(f, "{count} objects are invalid, the first is {first}"),
            Self::Compiler => f.write_str("the register could not be compiled"),
            Self::Watch { kind } => write!(f, "the watch of {kind} fails"),
        }
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{DataCategory, Workload};
    use landfall_register::{compile, load_text};

    use super::*;
    use crate::register::{CONSENT_LABEL, TENANT_LABEL};

    const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
  namespaceSelector: { matchLabels: { team: crm } }
---
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: b, namespace: other }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
"#;

    const BUS: &str = r#"
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["kafka:9092"]
  agreementRef: { namespace: other, name: b }
  topics: [{ name: orders, include: { names: [orders] }, categories: ["pd:Name"] }]
"#;

    fn published(namespaces: Namespaces) -> Published {
        of(REGISTER, namespaces)
    }

    fn of(register: &str, namespaces: Namespaces) -> Published {
        let compiled = compile(&load_text("register.yaml", register).unwrap());
        Published {
            ruleset: Arc::new(compiled.ruleset),
            resolver: Arc::new(compiled.resolver),
            agent: Arc::new(compiled.agent),
            alerting: Arc::new(compiled.alerting),
            namespaces: Arc::new(namespaces),
            compiled_at: Timestamp::UNIX_EPOCH,
            stale: None,
        }
    }

    fn observation(namespace: &str) -> Observation {
        let flow = include_str!("../../../crates/observation/testdata/flow.json");
        let local = Local::Workload(Workload::new(namespace, "Deployment", "sync"));
        Observation { local, ..landfall_observation::decode(flow).unwrap() }
    }

    #[test]
    fn an_agreement_applies_where_it_selects_and_has_consent() {
        let published = published(Namespaces::from([
            ("crm", [(CONSENT_LABEL, "privacy"), (TENANT_LABEL, "atelier"), ("team", "crm")].as_slice()),
            ("strangers", &[(CONSENT_LABEL, "privacy")]),
            ("silent", &[("team", "crm")]),
        ]));
        let answers = |namespace| {
            let mut observation = observation(namespace);
            published.describe(&mut observation);
            let resolved = published.resolve(&observation);
            resolved.iter().map(|one| one.agreement.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(answers("crm"), ["privacy/a"]);
        assert_eq!(answers("strangers"), Vec::<String>::new());
        assert_eq!(answers("silent"), Vec::<String>::new());
        assert_eq!(answers("gone"), Vec::<String>::new());
    }

    #[test]
    fn a_topic_is_under_the_agreement_of_its_bus_with_what_that_declares() {
        let answers = |published: &Published| {
            let text = include_str!("../../../crates/observation/testdata/topic-of-bus.json");
            let mut observation = landfall_observation::decode(text).unwrap();
            published.describe(&mut observation);
            let resolved = published.resolve(&observation);
            let agreements: Vec<_> = resolved.iter().map(|one| one.agreement.to_string()).collect();
            let Local::Topic(topic) = observation.local else { panic!("a topic") };
            (agreements, Vec::from_iter(topic.declared))
        };
        let without = published(Namespaces::default());
        assert_eq!(answers(&without), (vec![], vec![]), "no bus is known");
        let with = of(&[REGISTER, BUS].concat(), Namespaces::default());
        assert_eq!(answers(&with), (vec!["other/b".to_owned()], vec![DataCategory::NAME]));
    }

    #[test]
    fn reasons_for_staleness_are_readable() {
        let first = "Recipient acme".to_owned();
        let cases = [
            (Stale::Objects { count: 1, first: first.clone() }, "Recipient acme is invalid"),
            (Stale::Objects { count: 2, first }, "2 objects are invalid, the first is Recipient acme"),
            (Stale::Compiler, "the register could not be compiled"),
            (Stale::Watch { kind: "Namespace" }, "the watch of Namespace fails"),
        ];
        for (stale, expected) in cases {
            assert_eq!(stale.to_string(), expected);
        }
    }
}
