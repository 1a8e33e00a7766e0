mod clean;
mod edits;
mod fires;
mod near_misses;
mod odd;
mod same_as_judge;

use crate::Obligation;
use jiff::{Timestamp, civil::Date};

use super::*;

fn at() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The ids that lint finds, each once.
fn ids(ruleset: &Ruleset) -> Vec<&'static str> {
    let mut ids: Vec<_> = lint(ruleset, at()).into_iter().map(|finding| finding.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn the_worst_comes_first_and_nothing_twice() {
    let mut ruleset = clean::ruleset();
    for agreement in ruleset.agreements.values_mut() {
        agreement.clauses.clear();
        agreement.text = crate::AgreementText::default();
    }
    let findings = lint(&ruleset, at());
    assert!(findings.is_sorted_by_key(|finding| finding.severity));
    assert!(findings.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(findings[0].severity, Severity::Error);
}

#[test]
fn a_finding_is_one_flat_object_with_its_rule() {
    let mut ruleset = clean::ruleset();
    ruleset.agreements.values_mut().for_each(|agreement| drop(agreement.clauses.remove(&Obligation::Delete)));
    let findings = lint(&ruleset, at());
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        serde_json::json!([{
            "severity": "Error",
            "id": "GAP-01",
            "object": { "kind": "ProcessingAgreement", "name": "default/clean" },
            "agreement": "default/clean",
            "clause": "L46",
            "article": "Art. 28(3)(g), 30(1)(f) GDPR",
            "text": "no clause says whether data is deleted or returned after the end of the services",
            "action": "agree on deletion or return after the end of the services, and name the periods",
        }])
    );
}

#[test]
fn ids_are_unique_and_milder_is_milder() {
    let mut ids: Vec<_> = rules().map(|rule| rule.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for rule in rules() {
        assert!(rule.milder.is_none_or(|milder| milder > rule.severity), "{}", rule.id);
    }
    for gap in 1..=13 {
        assert!(ids.contains(&format!("GAP-{gap:02}").as_str()), "GAP-{gap:02}");
    }
}

/// The letters are those of the paragraph, (g) being `GAP-01`.
#[test]
fn every_letter_of_article_28_3_has_a_rule() {
    for letter in 'a'..='h' {
        let cited = rules().any(|rule| rule.article.contains(&format!("({letter})")) && rule.article.contains("28"));
        assert!(cited, "Art. 28(3)({letter})");
    }
}

/// The list of docs/lint.md.
#[test]
fn the_documents_list_every_rule_and_nothing_else() {
    let text = include_str!("../../../../docs/lint.md");
    let listed: Vec<_> = text.lines().filter(|line| line.starts_with("| `")).collect();
    let rows: Vec<_> = rules()
        .map(|rule| {
            let Rule { id, severity, milder, article, meaning, action, .. } = rule;
            let milder = milder.map(|milder| format!(", {milder:?}")).unwrap_or_default();
            format!("| `{id}` | {severity:?}{milder} | {meaning} | {article} | {action} |")
        })
        .collect();
    assert_eq!(listed, rows);
    let (_, obligations) = text.split_once("## Obligations").unwrap();
    let named: Vec<_> = obligations.split('`').skip(3).step_by(2).collect();
    assert_eq!(named, crate::Obligation::ALL.map(crate::Obligation::as_str));
}
