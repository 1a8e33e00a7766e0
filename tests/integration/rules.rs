//! The alerting and recording rules (`rules/`): Prometheus' own tool takes them and their tests pass; every alert is
//! tested, has a runbook, and speaks of metrics that exist.

pub(crate) mod expression;
pub(crate) mod files;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    process::Command,
};

use expression::{Used, label_fields};
use files::{Case, Family, Rule, case_files, families, groups, manifest};
pub(crate) use files::{document, documents, read};

use landfall_tests::tool_or_skip;

use crate::support::{path, root};

pub(crate) const RULES: &str = "rules/landfall.rules.yaml";
const MANIFEST: &str = "rules/prometheusrule.yaml";
const RUNBOOKS: &str = "docs/runbooks";
/// Labels that a scrape adds (docs/alerts.md).
const TARGET_LABELS: &[&str] = &["instance", "pod", "node"];
/// A runbook is for a tired person.
const RUNBOOK_LINES: usize = 40;

#[test]
fn prometheus_takes_the_rules_and_their_tests_pass() {
    let Some(promtool) = tool_or_skip("promtool") else { return };
    let rules = [path(RULES)];
    run(&promtool, &["check", "rules", "--lint=all", "--lint-fatal"], &rules);
    let cases: Vec<_> = case_files().iter().map(|file| file.to_str().unwrap().to_owned()).collect();
    run(&promtool, &["test", "rules"], &cases);
}

#[test]
fn every_alert_is_tested_where_it_fires_and_where_it_is_silent() {
    let cases = cases();
    let tested = |fires: bool| -> BTreeSet<String> {
        cases.iter().filter(|case| case.alerts.is_empty() != fires).map(|case| case.alert.clone()).collect()
    };
    let alerts: BTreeSet<_> = alerts().into_keys().collect();
    assert_eq!((tested(true), tested(false)), (alerts.clone(), alerts));
}

#[test]
fn what_fires_says_how_urgent_it_is_and_under_which_agreement() {
    let rules = groups(&read(RULES));
    let about_agreements = alert_names(&rules["landfall.transfers"]);
    for case in cases() {
        for labels in &case.alerts {
            let severity = labels.get("severity").map(String::as_str);
            assert!(matches!(severity, Some("critical" | "warning" | "info")), "{}: {severity:?}", case.alert);
            if about_agreements.contains(&case.alert) {
                let names = [labels.get("agreement_namespace"), labels.get("agreement")];
                assert!(names.iter().flatten().all(|name| !name.is_empty()), "{}", case.alert);
                assert_eq!(names.iter().flatten().count(), 2, "{}", case.alert);
            }
        }
    }
}

#[test]
fn every_alert_has_a_runbook_and_a_line_in_the_index_and_nothing_else_has() {
    let index = read("docs/alerts.md");
    let mut runbooks = BTreeSet::new();
    for (name, rule) in alerts() {
        let url = &rule.annotations["runbook_url"];
        assert_eq!(url, &format!("{RUNBOOKS}/{name}.md"));
        assert!(rule.annotations["description"].contains("Next: kubectl "), "{name} has no next command");
        let runbook = read(url);
        assert!(runbook.starts_with(&format!("# {name}\n")) && runbook.lines().count() <= RUNBOOK_LINES, "{url}");
        let severity = rule.labels.get("severity").map_or("of the policy", String::as_str);
        let line = format!("| [{name}](runbooks/{name}.md) | {severity} | ");
        assert_eq!(index.matches(&line).count(), 1, "docs/alerts.md: {line}");
        runbooks.insert(format!("{name}.md"));
    }
    let written: BTreeSet<_> = fs::read_dir(root().join(RUNBOOKS))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written, runbooks);
    for file in written {
        for link in links(&read(&format!("{RUNBOOKS}/{file}"))) {
            assert!(runbooks.contains(&link), "{RUNBOOKS}/{file}: {link}");
        }
    }
}

#[test]
fn rules_speak_of_metrics_and_labels_that_exist() {
    let mut known = families();
    let target: Family = TARGET_LABELS.iter().map(|label| (*label).to_owned()).collect();
    let mut faults = Vec::new();
    for rule in groups(&read(RULES)).into_values().flatten() {
        let name = rule.name();
        let used = Used::read(&rule.expr);
        let mut labels = target.clone();
        for (metric, matched) in &used.metrics {
            // A rule may read itself as of the round before.
            match known.get(metric) {
                Some(family) => {
                    let own = family | &target;
                    faults.extend(matched.difference(&own).map(|label| format!("{name}: {metric} has no {label}")));
                    labels.extend(own);
                }
                None if rule.record.as_ref() == Some(metric) => {}
                None => faults.push(format!("{name}: {metric} does not exist")),
            }
        }
        let shown = rule.annotations.values().flat_map(|text| label_fields(text));
        let all: BTreeSet<_> = used.grouped.iter().cloned().chain(shown).collect();
        labels.extend(rule.labels.keys().cloned());
        faults.extend(all.difference(&labels).map(|label| format!("{name}: nothing has a label {label}")));
        if let Some(record) = rule.record {
            known.insert(record, labels);
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_manifest_is_made_from_the_rules() {
    let expected = manifest(&read(RULES));
    if env::var_os("LANDFALL_UPDATE").is_some() {
        fs::write(root().join(MANIFEST), &expected).unwrap();
    }
    let kept = read(MANIFEST);
    assert!(kept == expected, "{MANIFEST} is out of date: run `make rules`");
    assert_eq!(document(&kept)["spec"], document(&read(RULES)));
}

/// The alerts, by name.
fn alerts() -> BTreeMap<String, Rule> {
    let rules = groups(&read(RULES)).into_values().flatten();
    rules.filter_map(|rule| Some((rule.alert.clone()?, rule))).collect()
}

fn alert_names(rules: &[Rule]) -> BTreeSet<String> {
    rules.iter().filter_map(|rule| rule.alert.clone()).collect()
}

fn cases() -> Vec<Case> {
    case_files().iter().flat_map(|file| files::cases(file)).collect()
}

/// Targets of the links of a page.
fn links(page: &str) -> Vec<String> {
    page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned()).collect()
}

pub(crate) fn run(promtool: &Path, arguments: &[&str], files: &[String]) {
    let output = Command::new(promtool).args(arguments).args(files).output().unwrap();
    if output.status.success() {
        return;
    }
    let version = Command::new(promtool).arg("--version").output().unwrap();
    let [version, out, err] =
        [&version.stdout, &output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    panic!("{version}\n{arguments:?} {files:?}\n{out}\n{err}");
}
