//! The kinds of the register.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use k8s_openapi::api::core::v1::Namespace;
use kube::core::{DeserializeGuard, PartialObjectMeta};
use landfall_api::{
    Kind, LegalDevelopmentSpec, MessageBusSpec, ProcessingAgreementSpec, RecipientSpec, RegisterStatus, Stored,
    TransferBasisSpec, TransferImpactAssessmentSpec, TransferPolicySpec,
};
use landfall_register::{Checker, Register, instruments, take_latest};
use serde::{Serialize, de::DeserializeOwned};
use tokio::task::JoinSet;

use crate::objects::{ObjectKey, register_status::DesiredStatus};

use super::{
    Namespaces, Stale,
    desired_status::{RegisterFindings, desired},
    last_good::LastGoodObjects,
    last_good_forms::LastGoodForm,
    metrics::Metrics,
    watch::{Watched, Watches},
};

/// All kinds of the register, and namespaces.
pub(super) struct Kinds {
    agreements: Source<ProcessingAgreementSpec>,
    recipients: Source<RecipientSpec>,
    bases: Source<TransferBasisSpec>,
    assessments: Source<TransferImpactAssessmentSpec>,
    developments: Source<LegalDevelopmentSpec>,
    policies: Source<TransferPolicySpec>,
    buses: Source<MessageBusSpec>,
    namespaces: Watched<PartialObjectMeta<Namespace>>,
    checker: Checker,
}

/// One kind: the objects as watched, and their last good versions.
struct Source<S: Kind + 'static> {
    watched: Watched<DeserializeGuard<Stored<S>>>,
    last_good: LastGoodObjects<S>,
}

// === impl Kinds ===

impl Kinds {
    /// Starts the watches.
    pub(super) fn watch(watches: &mut Watches, tasks: &mut JoinSet<&'static str>) -> Self {
        Self {
            agreements: Source::watch(watches, tasks),
            recipients: Source::watch(watches, tasks),
            bases: Source::watch(watches, tasks),
            assessments: Source::watch(watches, tasks),
            developments: Source::watch(watches, tasks),
            policies: Source::watch(watches, tasks),
            buses: Source::watch(watches, tasks),
            namespaces: watches.start("Namespace", tasks),
            checker: Checker::default(),
        }
    }

    /// Whether every kind was listed once.
    pub(super) fn are_listed(&self) -> bool {
        self.sources().iter().all(|source| source.is_listed()) && self.namespaces.is_listed()
    }

    /// Updates the objects from the watches; returns whether the register has changed.
    pub(super) fn refresh(&mut self) -> bool {
        let (sources, checker) = self.sources_mut();
        // No short circuit: every kind must be refreshed.
        sources.into_iter().fold(false, |changed, source| source.refresh(checker) | changed)
    }

    /// Restores the versions that were saved before a restart.
    pub(super) fn restore(&mut self, saved: &[LastGoodForm]) {
        let (sources, checker) = self.sources_mut();
        for source in sources {
            source.restore(saved, checker);
        }
    }

    /// The last good versions, to be saved for a restart.
    pub(super) fn last_good_forms(&self) -> Vec<LastGoodForm> {
        self.sources().iter().flat_map(|source| source.last_good_forms()).collect()
    }

    /// The objects in force. They include the shipped instruments. An object of the same name replaces a shipped one even if it
    /// is invalid, because its author did not mean the shipped one; an earlier state of the same replaces none.
    pub(super) fn register(&self) -> Register {
        let mut bases = self.bases.last_good.objects();
        take_latest(&mut bases);
        let names: BTreeSet<_> = self.bases.last_good.entries().map(|((_, name), _)| name.as_str()).collect();
        bases.extend(instruments().iter().filter(|shipped| !names.contains(shipped.metadata.name.as_str())).cloned());
        Register {
            agreements: self.agreements.last_good.objects(),
            recipients: self.recipients.last_good.objects(),
            bases,
            assessments: self.assessments.last_good.objects(),
            developments: self.developments.last_good.objects(),
            policies: self.policies.last_good.objects(),
            buses: self.buses.last_good.objects(),
        }
    }

    /// The prefixes of all registered endpoints.
    pub(super) fn endpoint_prefixes(&self) -> Vec<IpNet> {
        let recipients = self.recipients.last_good.entries().filter_map(|(_, entry)| entry.good());
        let endpoints = recipients.flat_map(|object| &object.spec.endpoints);
        endpoints.flat_map(|endpoint| &endpoint.cidrs).copied().collect()
    }

    /// The namespaces of the cluster.
    pub(super) fn namespaces(&self) -> Namespaces {
        Namespaces::from_state(&self.namespaces.state())
    }

    /// Why the register differs from the objects in the cluster, if it does.
    pub(super) fn stale(&self) -> Option<Stale> {
        let sources = self.sources();
        if let Some(source) = sources.iter().find(|source| source.is_failing()) {
            return Some(Stale::Watch { kind: source.kind() });
        }
        if self.namespaces.is_failing() {
            return Some(Stale::Watch { kind: "Namespace" });
        }
        let invalid: Vec<_> = sources.iter().flat_map(|source| source.invalid()).collect();
        invalid.first().map(|first| Stale::Objects { count: invalid.len(), first: first.clone() })
    }

    /// The desired status of each object.
    pub(super) fn statuses(&self, findings: &RegisterFindings) -> BTreeMap<ObjectKey, DesiredStatus> {
        self.sources().iter().flat_map(|source| source.statuses(findings)).collect()
    }

    /// Counts the objects.
    pub(super) fn count(&self, metrics: &Metrics) {
        for source in self.sources() {
            let invalid = source.invalid().len();
            let set = |state: &str, count: usize| {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                metrics.objects.with_label_values(&[source.kind(), state]).set(count);
            };
            set("invalid", invalid);
            set("valid", source.count() - invalid);
        }
    }

    fn sources(&self) -> [&dyn KindSource; 7] {
        let Self {
            agreements,
            recipients,
            bases,
            assessments,
            developments,
            policies,
            buses,
            namespaces: _,
            checker: _,
        } = self;
        [agreements, recipients, bases, assessments, developments, policies, buses]
    }

    fn sources_mut(&mut self) -> ([&mut dyn KindSource; 7], &Checker) {
        let Self { agreements, recipients, bases, assessments, developments, policies, buses, namespaces: _, checker } =
            self;
        ([agreements, recipients, bases, assessments, developments, policies, buses], checker)
    }
}

// === impl Source ===

impl<S> Source<S>
where
    S: Kind<Status = RegisterStatus> + Clone + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn watch(watches: &mut Watches, tasks: &mut JoinSet<&'static str>) -> Self {
        Self { watched: watches.start(S::KIND, tasks), last_good: LastGoodObjects::default() }
    }
}

/// The operations on any kind.
trait KindSource: Send + Sync {
    fn kind(&self) -> &'static str;
    fn is_listed(&self) -> bool;
    fn is_failing(&self) -> bool;
    fn restore(&mut self, saved: &[LastGoodForm], checker: &Checker);
    fn last_good_forms(&self) -> Vec<LastGoodForm>;
    fn refresh(&mut self, checker: &Checker) -> bool;
    fn count(&self) -> usize;
    fn invalid(&self) -> Vec<String>;
    fn statuses(&self, findings: &RegisterFindings) -> Vec<(ObjectKey, DesiredStatus)>;
}

impl<S> KindSource for Source<S>
where
    S: Kind<Status = RegisterStatus> + Clone + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn kind(&self) -> &'static str {
        S::KIND
    }

    fn is_listed(&self) -> bool {
        self.watched.is_listed()
    }

    fn is_failing(&self) -> bool {
        self.watched.is_failing()
    }

    fn restore(&mut self, saved: &[LastGoodForm], checker: &Checker) {
        self.last_good.restore(saved, checker);
    }

    fn last_good_forms(&self) -> Vec<LastGoodForm> {
        self.last_good.last_good_forms().collect()
    }

    fn refresh(&mut self, checker: &Checker) -> bool {
        self.last_good.refresh(&self.watched.state(), checker)
    }

    fn count(&self) -> usize {
        self.last_good.entries().count()
    }

    fn invalid(&self) -> Vec<String> {
        let invalid = self.last_good.entries().filter(|(_, entry)| entry.fault.is_some());
        invalid.map(|((_, name), _)| format!("{} {name}", S::KIND)).collect()
    }

    fn statuses(&self, findings: &RegisterFindings) -> Vec<(ObjectKey, DesiredStatus)> {
        self.last_good.entries().map(|(key, entry)| desired(key, entry, findings)).collect()
    }
}
