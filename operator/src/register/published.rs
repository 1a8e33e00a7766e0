//! The register in force, for whoever judges.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::Timestamp;
use landfall_observation::{AgentConfiguration, Local, Observation};
use landfall_register::{Alerting, Resolved, Resolver};
use landfall_transfer_law::{AgreementId, Ruleset};

use super::Namespaces;

/// The register in force.
#[derive(Debug, Clone)]
pub struct Published {
    /// The law.
    pub ruleset: Arc<Ruleset>,
    /// Who the remote of an observation is.
    pub resolver: Arc<Resolver>,
    /// What agents are told.
    pub agent: Arc<AgentConfiguration>,
    /// How alerts are raised, by agreement.
    pub alerting: Arc<BTreeMap<AgreementId, Alerting>>,
    /// What the cluster says of namespaces.
    pub namespaces: Arc<Namespaces>,
    /// When the ruleset was compiled; namespaces that change leave it as it is.
    pub compiled_at: Timestamp,
    /// Why it is not what the cluster holds, if it is not.
    pub stale: Option<Stale>,
}

/// Why what is published is not what the cluster holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// Objects that cannot be read or are refused; they count in their last good form, or not at all.
    Objects {
        /// How many.
        count: usize,
        /// Kind and name of the first, such as `Recipient openai`.
        first: String,
    },
    /// The objects together could not be compiled.
    Compiler,
    /// The API server does not answer, so that changes are not seen.
    Watch {
        /// Kind of the objects that are not seen.
        kind: &'static str,
    },
}

impl Published {
    /// The version of the ruleset: a hash over the objects.
    pub fn version(&self) -> &str {
        &self.ruleset.version
    }

    /// Fills in what the cluster knows of the workload's namespace: its labels, and its tenant where the workload
    /// names none.
    pub fn describe(&self, observation: &mut Observation) {
        if let Local::Workload(workload) = &mut observation.local {
            self.namespaces.describe(workload);
        }
    }

    /// Who the remote is, under every agreement that selects the workload and that its namespace consents to, or that
    /// the bus of the topic consents to. No answer: no agreement is about it, and nothing may be judged.
    pub fn resolve(&self, observation: &Observation) -> Vec<Resolved> {
        self.resolver.resolve_consented(observation, |workload, agreement| {
            self.namespaces.consents(&workload.namespace, &agreement.namespace)
        })
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Objects { count: 1, first } => write!(f, "{first} cannot be used as it is"),
            Self::Objects { count, first } => write!(f, "{count} objects cannot be used as they are, {first} first"),
            Self::Compiler => f.write_str("the register could not be compiled"),
            Self::Watch { kind } => write!(f, "the API server does not answer about {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{BusName, Workload};
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

    fn published(namespaces: Namespaces) -> Published {
        let compiled = compile(&load_text("register.yaml", REGISTER).unwrap());
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
    fn an_agreement_answers_where_it_selects_and_is_consented_to() {
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

        let topic = |published: &Published| {
            let text = include_str!("../../../crates/observation/testdata/topic-of-bus.json");
            let resolved = published.resolve(&landfall_observation::decode(text).unwrap());
            resolved.iter().map(|one| one.agreement.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(topic(&published), Vec::<String>::new(), "no bus is known");
        let bus = BusName { namespace: "crm".to_owned(), name: "events".to_owned() };
        let agreement = AgreementId { namespace: "other".to_owned(), name: "b".to_owned() };
        let resolver = (*published.resolver).clone().with_buses([(bus, agreement)].into_iter().collect());
        assert_eq!(topic(&Published { resolver: Arc::new(resolver), ..published }), ["other/b"]);
    }

    #[test]
    fn reasons_are_sentences() {
        let first = "Recipient acme".to_owned();
        let cases = [
            (Stale::Objects { count: 1, first: first.clone() }, "Recipient acme cannot be used as it is"),
            (Stale::Objects { count: 2, first }, "2 objects cannot be used as they are, Recipient acme first"),
            (Stale::Compiler, "the register could not be compiled"),
            (Stale::Watch { kind: "Namespace" }, "the API server does not answer about Namespace"),
        ];
        for (stale, expected) in cases {
            assert_eq!(stale.to_string(), expected);
        }
    }
}
