//! How much of the observed traffic was judged. A check that had nothing to judge does not pass.

use std::{collections::BTreeSet, path::Path};

use anyhow::bail;
use landfall_observation::{Local, Observation, Topic};
use landfall_register::Register;

use crate::{cells::bytes, diagnostics, exit_status::ExitStatus};

/// The most workloads that are counted.
const MAX_WORKLOADS: usize = 10_000;
/// The most workloads that are named.
const MAX_NAMES: usize = 5;

/// The observed traffic, and how much of it an agreement covers.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// The agreements of the register, as `namespace/name`.
    agreements: Vec<String>,
    covered: Amount,
    uncovered: Amount,
}

/// An amount of traffic.
#[derive(Debug, Default)]
struct Amount {
    observations: u64,
    /// In both directions.
    bytes: u64,
    connections: u64,
    workloads: BTreeSet<String>,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct RunSummary {
    /// Transfers with a verdict.
    pub(crate) judged: usize,
    /// Whether `--fail-on` applies to one of them; `None` without `--fail-on`.
    pub(crate) failed: Option<bool>,
    pub(crate) coverage: Coverage,
}

impl Coverage {
    pub(crate) fn for_register(register: &Register) -> Self {
        let named = register.agreements.iter().map(|agreement| {
            let namespace = agreement.namespace().map_or_else(String::new, |namespace| format!("{namespace}/"));
            format!("{namespace}{}", agreement.metadata.name)
        });
        Self { agreements: named.collect(), ..Self::default() }
    }

    pub(crate) fn observe(&mut self, observation: &Observation, is_covered: bool) {
        let amount = if is_covered { &mut self.covered } else { &mut self.uncovered };
        amount.absorb(observation);
    }

    /// The traffic that no agreement covers, in a sentence; `None` if all is covered.
    pub(crate) fn uncovered_note(&self) -> Option<String> {
        let Self { covered, uncovered, .. } = self;
        if uncovered.observations == 0 {
            return None;
        }
        let workloads = uncovered.workloads.len();
        let all = covered.workloads.union(&uncovered.workloads).count();
        Some(format!(
            "no agreement covers {} of {} in {} of {} connections, by {workloads} of {all} workloads ({}); not judged",
            bytes(uncovered.bytes),
            bytes(covered.bytes.saturating_add(uncovered.bytes)),
            uncovered.connections,
            covered.connections.saturating_add(uncovered.connections),
            first_names(&uncovered.workloads)
        ))
    }

    /// Why nothing was judged, and where to look.
    fn reason(&self, register: &Path, nothing_seen: &str) -> String {
        let Self { agreements, covered, uncovered } = self;
        let register = register.display();
        if agreements.is_empty() {
            return format!(
                "the register {register} holds no ProcessingAgreement to judge by; write one \
                 (docs/objects.md, examples/crm-processor/agreement.yaml), then `landfall lint {register}`"
            );
        }
        let agreements = agreements.join(", ");
        if covered.observations + uncovered.observations == 0 {
            nothing_seen.to_owned()
        } else if covered.observations == 0 {
            format!(
                "none of the workloads seen ({}) is selected by an agreement; look at spec.namespaceSelector and \
                 spec.workloadSelector of {agreements}, and at namespaceLabels and labels of the workloads (--workloads)",
                first_names(&uncovered.workloads)
            )
        } else {
            format!("none of the observed traffic of the workloads that {agreements} selects is a transfer")
        }
    }
}

impl Amount {
    fn absorb(&mut self, observation: &Observation) {
        let Observation { local, sent, received, .. } = observation;
        self.observations += 1;
        self.bytes = self.bytes.saturating_add(sent.bytes).saturating_add(received.bytes);
        self.connections = self.connections.saturating_add(sent.connections).saturating_add(received.connections);
        if self.workloads.len() < MAX_WORKLOADS {
            self.workloads.insert(match local {
                Local::Workload(workload) => format!("{}/{}", workload.namespace, workload.name),
                Local::Topic(Topic { bus: Some(bus), topic, .. }) => format!("{bus}/{topic}"),
                Local::Topic(Topic { bus: None, cluster_id, topic, .. }) => format!("{cluster_id}/{topic}"),
            });
        }
    }
}

impl RunSummary {
    /// The exit status of the run. `nothing_seen` explains a run without any observation.
    pub(crate) fn exit_status(&self, register: &Path, nothing_seen: &str) -> anyhow::Result<ExitStatus> {
        let Self { judged, failed, coverage } = self;
        if *judged == 0 {
            let reason = coverage.reason(register, nothing_seen);
            if failed.is_some() {
                bail!("--fail-on: nothing was judged: {reason}");
            }
            diagnostics::warning(format_args!("nothing was judged: {reason}"));
        }
        Ok(ExitStatus::from_check(*failed != Some(true)))
    }
}

/// The first few names.
fn first_names(names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
