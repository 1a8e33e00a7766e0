//! How much of what was seen was judged. A gate that had nothing to look at is not passed.

use std::{collections::BTreeSet, path::Path};

use anyhow::bail;
use landfall_observation::{Local, Observation, Topic};
use landfall_register::Register;

use crate::{cells::bytes, diagnostics, exit_status::ExitStatus};

/// The most workloads that are counted by their names, and the most that are named.
const MAX_WORKLOADS: usize = 10_000;
const NAMED: usize = 5;

/// What was seen, and what of it an agreement covers.
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
    /// Both ways.
    bytes: u64,
    connections: u64,
    workloads: BTreeSet<String>,
}

/// What a run judged.
#[derive(Debug)]
pub(crate) struct Conclusion {
    /// Transfers with a verdict.
    pub(crate) judged: usize,
    /// Whether one of them is as bad as was asked to fail on; `None` if nothing was asked.
    pub(crate) failed: Option<bool>,
    pub(crate) coverage: Coverage,
}

impl Coverage {
    pub(crate) fn under(register: &Register) -> Self {
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

    /// What no agreement covers, in a sentence; `None` if all is covered.
    pub(crate) fn gap(&self) -> Option<String> {
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
            few(&uncovered.workloads)
        ))
    }

    /// Why nothing was judged, and what to look at.
    fn reason(&self, register: &Path, unseen: &str) -> String {
        let Self { agreements, covered, uncovered } = self;
        let register = register.display();
        if agreements.is_empty() {
            return format!(
                "the register {register} holds no ProcessingAgreement, under which it would be judged; write one \
                 (docs/objects.md, examples/crm-processor/agreement.yaml), then `landfall lint {register}`"
            );
        }
        let agreements = agreements.join(", ");
        if covered.observations + uncovered.observations == 0 {
            unseen.to_owned()
        } else if covered.observations == 0 {
            format!(
                "none of the workloads seen ({}) is selected by an agreement; look at spec.namespaceSelector and \
                 spec.workloadSelector of {agreements}, and at namespaceLabels and labels of the workloads (--workloads)",
                few(&uncovered.workloads)
            )
        } else {
            format!("nothing of what was seen of the workloads that {agreements} selects is a transfer")
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
                Local::Topic(Topic { bus: None, cluster_id, topic }) => format!("{cluster_id}/{topic}"),
            });
        }
    }
}

impl Conclusion {
    /// How the run ends. `unseen` says why there may be nothing to judge at all, and what to look at.
    pub(crate) fn ending(&self, register: &Path, unseen: &str) -> anyhow::Result<ExitStatus> {
        let Self { judged, failed, coverage } = self;
        if *judged == 0 {
            let reason = coverage.reason(register, unseen);
            if failed.is_some() {
                bail!("--fail-on: nothing was judged: {reason}");
            }
            diagnostics::warning(format_args!("nothing was judged: {reason}"));
        }
        Ok(ExitStatus::from_check(*failed != Some(true)))
    }
}

/// The first few names.
fn few(names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
