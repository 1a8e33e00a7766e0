//! The findings of lint in a compiled register, and the warnings of the compiler as findings.

use jiff::Timestamp;
use landfall_transfer_law::lint::{Finding, Object, REGISTER_NOTE, lint, rules};

use crate::{Compiled, Warning};

/// The rules that also find what the compiler warns about. Their findings are preferred, because they say what to do.
const REPORTED_BY_RULES: [&str; 8] = [
    "ACT-UNKNOWN",
    "BASIS-STRANGER",
    "CHAIN-BROKEN",
    "DEVELOPMENT-NOTHING",
    "ENGAGEMENT-UNKNOWN",
    "TENANT-UNKNOWN",
    "TIA-MISSING",
    "TIA-STRANGER",
];

impl Compiled {
    /// All findings about the register at the instant `at`, the worst first.
    pub fn findings(&self, at: Timestamp) -> Vec<Finding> {
        let mut findings = lint(&self.ruleset, at);
        let notes: Vec<_> = self.warnings.iter().filter_map(|warning| note(warning, &findings)).collect();
        findings.extend(notes);
        findings.sort();
        findings
    }
}

/// A warning as a finding, unless a rule already reports it.
fn note(warning: &Warning, findings: &[Finding]) -> Option<Finding> {
    let Warning { kind, name, namespace, message, rule } = warning;
    let name = match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.clone(),
    };
    let object = Object { kind: (*kind).to_owned(), name };
    if findings.iter().any(|finding| finding.object == object && REPORTED_BY_RULES.contains(&finding.id)) {
        return None;
    }
    let rule = rules().find(|known| known.id == *rule).unwrap_or(&REGISTER_NOTE);
    Some(rule.noted(object, message.clone()))
}

#[cfg(test)]
mod tests {
    use crate::{compile, load_text};

    const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
  recipients: [{ ref: acme, activation: perTenant, tenants: [nobody] }]
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme, seat: DE }, source: s, asOf: 2026-08-05 }
  endpoints:
    - { name: one, hosts: [acme.example], source: s, asOf: 2026-08-05, processing: { value: [DE], source: s, asOf: 2026-08-05 } }
    - { name: two, hosts: [acme.example], source: s, asOf: 2026-08-05, processing: { value: [DE], source: s, asOf: 2026-08-05 } }
"#;

    #[test]
    fn a_warning_that_a_rule_reports_is_reported_once() {
        let compiled = compile(&load_text("register.yaml", REGISTER).unwrap());
        assert_eq!(compiled.warnings.len(), 2, "{:?}", compiled.warnings);
        let findings = compiled.findings("2026-09-01T00:00:00Z".parse().unwrap());
        let of = |id: &str| -> Vec<_> {
            findings.iter().filter(|finding| finding.id == id).map(|finding| finding.object.to_string()).collect()
        };
        assert_eq!(of("TENANT-UNKNOWN"), ["ProcessingAgreement privacy/a"]);
        assert_eq!(of("ENDPOINT-COLLISION"), ["Recipient acme"]);
        assert_eq!(of("REGISTER-NOTE"), Vec::<String>::new());
    }
}
