//! The desired statuses of the register's objects.

use std::collections::{BTreeMap, HashMap};

use landfall_api::{ConditionStatus, FindingCounts, Kind, ProcessingAgreementSpec, RegisterStatus, condition};
use landfall_transfer_law::{
    AgreementId,
    lint::{Finding, Severity},
};

use crate::objects::{ObjectKey, condition::ConditionUpdate, register_status::DesiredStatus};

use super::{
    last_good::{Entry, Key},
    networks::Proposal,
};

/// A condition's message is a summary; `landfall lint` shows everything.
const MAX_MESSAGE: usize = 1024;

/// The results of compiling and linting the whole register.
#[derive(Debug, Default)]
pub(super) struct RegisterFindings {
    /// Whether the register could be compiled.
    pub(super) compiled: bool,
    /// Findings by kind and name, the worst first.
    findings: HashMap<(String, String), Vec<Finding>>,
    /// Proposals about the cluster's networks, by agreement.
    proposals: BTreeMap<AgreementId, Proposal>,
    /// The condition of every agreement about the pods of the nodes, once it is known after a start.
    pub(super) pods_captured: Option<ConditionUpdate>,
}

// === impl RegisterFindings ===

impl RegisterFindings {
    pub(super) fn new(compiled: bool, findings: &[Finding], proposals: BTreeMap<AgreementId, Proposal>) -> Self {
        let mut by_object: HashMap<_, Vec<_>> = HashMap::new();
        for finding in findings {
            let object = &finding.object;
            by_object.entry((object.kind.clone(), object.name.clone())).or_default().push(finding.clone());
        }
        Self { compiled, findings: by_object, proposals, pods_captured: None }
    }

    /// The condition of an agreement about the cluster's networks.
    fn networks(&self, kind: &str, (namespace, name): &Key) -> Option<ConditionUpdate> {
        if kind != ProcessingAgreementSpec::KIND {
            return None;
        }
        let id = AgreementId { namespace: namespace.clone()?, name: name.clone() };
        self.proposals.get(&id).map(|proposal| proposal.condition.clone())
    }

    /// The condition of an agreement about the pods of the nodes. Until it is known after a start, what the object says
    /// stays.
    fn pods_captured(&self, kind: &str, current: Option<&RegisterStatus>) -> Option<ConditionUpdate> {
        if kind != ProcessingAgreementSpec::KIND {
            return None;
        }
        let before = || {
            let conditions = current.map(|current| current.conditions.as_slice()).unwrap_or_default();
            let before = conditions.iter().find(|it| it.r#type == condition::PODS_CAPTURED)?;
            let reasons = [condition::CAPTURED, condition::NOT_CAPTURED, condition::NOT_REPORTED];
            let reason = reasons.into_iter().find(|reason| *reason == before.reason)?;
            Some(update(condition::PODS_CAPTURED, before.status, reason, &before.message))
        };
        self.pods_captured.clone().or_else(before)
    }

    fn about(&self, kind: &str, (namespace, name): &Key) -> &[Finding] {
        let name = match namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.clone(),
        };
        self.findings.get(&(kind.to_owned(), name)).map_or(&[], Vec::as_slice)
    }
}

/// The desired status of an object. The transition times of its conditions depend on the previous status and are added when
/// it is written.
pub(super) fn desired<S>(key: &Key, entry: &Entry<S>, findings: &RegisterFindings) -> (ObjectKey, DesiredStatus)
where
    S: Kind<Status = RegisterStatus>,
{
    let (namespace, name) = key.clone();
    let (counts, conditions) = match &entry.fault {
        Some(fault) => (None, refused(fault.reason, &fault.message)),
        None if !findings.compiled => {
            let message = "the register could not be compiled; the last good version of the object is in force";
            (None, refused(condition::COMPILER_FAILED, message))
        }
        None => {
            let about = findings.about(S::KIND, key);
            let counts = count(about);
            (Some(counts), in_force(counts, about))
        }
    };
    let status = DesiredStatus {
        plural: S::PLURAL,
        uid: entry.uid().map(str::to_owned),
        resource_version: entry.resource_version.clone(),
        current: entry.status.clone(),
        generation: entry.generation(),
        conditions: conditions
            .into_iter()
            .chain(findings.networks(S::KIND, key))
            .chain(findings.pods_captured(S::KIND, entry.status.as_ref()))
            .collect(),
        findings: counts,
    };
    (ObjectKey { kind: S::KIND, namespace, name }, status)
}

fn update(r#type: &'static str, status: ConditionStatus, reason: &'static str, message: &str) -> ConditionUpdate {
    let mut message = message.to_owned();
    if message.len() > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE - 4));
        message.push_str(" …");
    }
    ConditionUpdate { r#type, status, reason, message }
}

fn refused(reason: &'static str, message: &str) -> [ConditionUpdate; 3] {
    let unseen = "lint only checks objects in force";
    [
        update(condition::COMPILED, ConditionStatus::False, reason, message),
        update(condition::READY, ConditionStatus::False, reason, message),
        update(condition::LINT_CLEAN, ConditionStatus::Unknown, condition::NOT_COMPILED, unseen),
    ]
}

/// Lint findings are about law: the object is in force regardless, so it is ready.
fn in_force(counts: FindingCounts, findings: &[Finding]) -> [ConditionUpdate; 3] {
    let FindingCounts { errors, warnings, notes } = counts;
    let (status, reason) = match (errors, warnings, notes) {
        (0, 0, 0) => (ConditionStatus::True, condition::NO_FINDINGS),
        (0, 0, _) => (ConditionStatus::True, condition::INFORMATION),
        (0, ..) => (ConditionStatus::False, condition::WARNINGS),
        _ => (ConditionStatus::False, condition::ERRORS),
    };
    let found = match findings.first() {
        None => "nothing found".to_owned(),
        Some(Finding { id, text, .. }) => {
            let counts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
            let counts: Vec<_> = counts
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
                .collect();
            format!("{}; {id}: {text}", counts.join(", "))
        }
    };
    [
        update(condition::COMPILED, ConditionStatus::True, condition::IN_FORCE, "part of the ruleset in force"),
        update(condition::READY, ConditionStatus::True, condition::IN_FORCE, "part of the ruleset in force"),
        update(condition::LINT_CLEAN, status, reason, &found),
    ]
}

fn count(findings: &[Finding]) -> FindingCounts {
    let mut counts = FindingCounts::default();
    for finding in findings {
        *match finding.severity {
            Severity::Error => &mut counts.errors,
            Severity::Warning => &mut counts.warnings,
            Severity::Info => &mut counts.notes,
        } += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use landfall_transfer_law::lint::{Object, rules};

    use super::*;

    fn finding(id: &str, text: String) -> Finding {
        let rule = rules().find(|rule| rule.id == id).unwrap();
        rule.noted(Object { kind: "Recipient".to_owned(), name: "acme".to_owned() }, text)
    }

    #[test]
    fn the_worst_finding_is_named_and_all_are_counted() {
        let findings = [finding("LAND-MISSING", "first".to_owned()), finding("ENDPOINT-NONE", "second".to_owned())];
        let [compiled, ready, clean] = in_force(count(&findings), &findings);
        assert_eq!((compiled.status, ready.status), (ConditionStatus::True, ConditionStatus::True));
        let expected = ConditionUpdate {
            r#type: "LintClean",
            status: ConditionStatus::False,
            reason: "Errors",
            message: "1 error, 1 warning; LAND-MISSING: first".to_owned(),
        };
        assert_eq!(clean, expected);
        let [.., clean] = in_force(FindingCounts::default(), &[]);
        assert_eq!((clean.status, clean.reason), (ConditionStatus::True, "NoFindings"));
    }

    #[test]
    fn messages_are_bounded() {
        let findings = [finding("LAND-MISSING", "ü".repeat(5000))];
        let [.., clean] = in_force(count(&findings), &findings);
        assert!(clean.message.len() <= MAX_MESSAGE, "{}", clean.message.len());
        assert!(clean.message.ends_with(" …"));
    }

    #[test]
    fn what_an_agreement_says_about_pods_stays_until_it_is_known_anew() {
        let mut findings = RegisterFindings::new(true, &[], BTreeMap::new());
        let is = |status| update(condition::PODS_CAPTURED, status, condition::NOT_CAPTURED, "1 node has pods");
        let before = is(ConditionStatus::False).to_condition(&[], None, jiff::Timestamp::UNIX_EPOCH);
        let current = RegisterStatus { conditions: vec![before], ..RegisterStatus::default() };
        let of = |findings: &RegisterFindings, kind| findings.pods_captured(kind, Some(&current));
        assert_eq!(of(&findings, "ProcessingAgreement"), Some(is(ConditionStatus::False)));
        findings.pods_captured = Some(is(ConditionStatus::True));
        assert_eq!(of(&findings, "ProcessingAgreement"), Some(is(ConditionStatus::True)));
        assert_eq!(of(&findings, "Recipient"), None);
        findings.pods_captured = None;
        assert_eq!(findings.pods_captured("ProcessingAgreement", None), None);
    }

    #[test]
    fn findings_are_found_by_kind_namespace_and_name() {
        let judged = RegisterFindings::new(true, &[finding("LAND-MISSING", "first".to_owned())], BTreeMap::new());
        assert_eq!(judged.about("Recipient", &(None, "acme".to_owned())).len(), 1);
        assert_eq!(judged.about("Recipient", &(None, "other".to_owned())).len(), 0);
        assert_eq!(judged.about("TransferBasis", &(None, "acme".to_owned())).len(), 0);
    }
}
