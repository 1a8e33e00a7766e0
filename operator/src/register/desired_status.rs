//! What is to be said about an object: its conditions, before anybody looks at a clock or at what was said before.

use std::collections::{BTreeMap, HashMap};

use landfall_api::{ConditionStatus, FindingCounts, Kind, ProcessingAgreementSpec, RegisterStatus, condition};
use landfall_transfer_law::{
    AgreementId,
    lint::{Finding, Severity},
};

use crate::objects::condition::Say;

use super::{
    last_good::{Entry, Key},
    networks::Proposal,
};

/// A condition's message is no report; `landfall lint` shows everything.
const MAX_MESSAGE: usize = 1024;

/// What the compiler and lint say about the register as a whole.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Whether the register could be compiled.
    pub(super) compiled: bool,
    /// Findings by kind and name, the worst first.
    findings: HashMap<(String, String), Vec<Finding>>,
    /// What is said of the cluster's networks, by agreement.
    proposals: BTreeMap<AgreementId, Proposal>,
}

/// What is to be said about an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// Kind of the object.
    pub(super) kind: &'static str,
    /// Its name in addresses.
    pub(super) plural: &'static str,
    /// Namespace, where the kind lives in one.
    pub(super) namespace: Option<String>,
    /// Name.
    pub(super) name: String,
    /// Which object of that name.
    pub(super) uid: Option<String>,
    /// As it was read last.
    pub(super) resource_version: Option<String>,
    /// What was said about it then; not known of an object that cannot be read.
    pub(super) said: Option<RegisterStatus>,
    /// The generation that the conditions are about.
    pub(super) generation: Option<i64>,
    /// The conditions.
    pub(super) conditions: Vec<Say>,
    /// How many findings there are.
    pub(super) findings: Option<FindingCounts>,
}

// === impl Judged ===

impl Judged {
    pub(super) fn new(compiled: bool, findings: &[Finding], proposals: BTreeMap<AgreementId, Proposal>) -> Self {
        let mut by_object: HashMap<_, Vec<_>> = HashMap::new();
        for finding in findings {
            let object = &finding.object;
            by_object.entry((object.kind.clone(), object.name.clone())).or_default().push(finding.clone());
        }
        Self { compiled, findings: by_object, proposals }
    }

    /// What is said beyond what is said of every kind.
    fn beyond(&self, kind: &str, (namespace, name): &Key) -> Option<Say> {
        if kind != ProcessingAgreementSpec::KIND {
            return None;
        }
        let id = AgreementId { namespace: namespace.clone()?, name: name.clone() };
        self.proposals.get(&id).map(|proposal| proposal.say.clone())
    }

    fn about(&self, kind: &str, (namespace, name): &Key) -> &[Finding] {
        let name = match namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.clone(),
        };
        self.findings.get(&(kind.to_owned(), name)).map_or(&[], Vec::as_slice)
    }
}

// === impl Wanted ===

impl Wanted {
    pub(super) fn about<S>(key: &Key, entry: &Entry<S>, judged: &Judged) -> Self
    where
        S: Kind<Status = RegisterStatus>,
    {
        let (namespace, name) = key.clone();
        let (counts, [compiled, ready, clean]) = match &entry.fault {
            Some(fault) => (None, Say::refused(fault.reason, &fault.message)),
            None if !judged.compiled => (
                None,
                Say::refused(condition::COMPILER_FAILED, "the register could not be compiled; its last form counts"),
            ),
            None => {
                let findings = judged.about(S::KIND, key);
                let counts = count(findings);
                (Some(counts), Say::in_force(counts, findings))
            }
        };
        Self {
            kind: S::KIND,
            plural: S::PLURAL,
            namespace,
            name,
            uid: entry.uid().map(str::to_owned),
            resource_version: entry.resource_version.clone(),
            said: entry.status.clone(),
            generation: entry.generation(),
            conditions: [compiled, ready, clean].into_iter().chain(judged.beyond(S::KIND, key)).collect(),
            findings: counts,
        }
    }
}

// === impl Say ===

impl Say {
    fn new(r#type: &'static str, status: ConditionStatus, reason: &'static str, message: &str) -> Self {
        let mut message = message.to_owned();
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE - 4));
            message.push_str(" …");
        }
        Self { r#type, status, reason, message }
    }

    fn refused(reason: &'static str, message: &str) -> [Self; 3] {
        let unseen = "lint looks at what counts";
        [
            Self::new(condition::COMPILED, ConditionStatus::False, reason, message),
            Self::new(condition::READY, ConditionStatus::False, reason, message),
            Self::new(condition::LINT_CLEAN, ConditionStatus::Unknown, condition::NOT_COMPILED, unseen),
        ]
    }

    /// What lint finds is a matter of law; the object does what it says all the same, so it is ready.
    fn in_force(counts: FindingCounts, findings: &[Finding]) -> [Self; 3] {
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
            Self::new(condition::COMPILED, ConditionStatus::True, condition::IN_FORCE, "part of the ruleset in force"),
            Self::new(condition::READY, ConditionStatus::True, condition::IN_FORCE, "part of the ruleset in force"),
            Self::new(condition::LINT_CLEAN, status, reason, &found),
        ]
    }
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
        rule.noted(Object { kind: "SubProcessor".to_owned(), name: "acme".to_owned() }, text)
    }

    #[test]
    fn the_worst_finding_is_named_and_all_are_counted() {
        let findings = [finding("LAND-MISSING", "first".to_owned()), finding("ENDPOINT-NONE", "second".to_owned())];
        let [compiled, ready, clean] = Say::in_force(count(&findings), &findings);
        assert_eq!((compiled.status, ready.status), (ConditionStatus::True, ConditionStatus::True));
        let expected = Say {
            r#type: "LintClean",
            status: ConditionStatus::False,
            reason: "Errors",
            message: "1 error, 1 warning; LAND-MISSING: first".to_owned(),
        };
        assert_eq!(clean, expected);
        let [.., clean] = Say::in_force(FindingCounts::default(), &[]);
        assert_eq!((clean.status, clean.reason), (ConditionStatus::True, "NoFindings"));
    }

    #[test]
    fn messages_are_bounded() {
        let findings = [finding("LAND-MISSING", "ü".repeat(5000))];
        let [.., clean] = Say::in_force(count(&findings), &findings);
        assert!(clean.message.len() <= MAX_MESSAGE, "{}", clean.message.len());
        assert!(clean.message.ends_with(" …"));
    }

    #[test]
    fn findings_are_found_by_kind_namespace_and_name() {
        let judged = Judged::new(true, &[finding("LAND-MISSING", "first".to_owned())], BTreeMap::new());
        assert_eq!(judged.about("SubProcessor", &(None, "acme".to_owned())).len(), 1);
        assert_eq!(judged.about("SubProcessor", &(None, "other".to_owned())).len(), 0);
        assert_eq!(judged.about("TransferBasis", &(None, "acme".to_owned())).len(), 0);
    }
}
