//! `--fail-on` where there was nothing to judge: a gate that looked at nothing is not passed.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::support::{Run, captures, landfall, path, record, watch_all};

const AGREEMENT: &str = "examples/crm-processor/agreement.yaml";

/// A register without its agreement, or with another one in its place.
fn register(agreement: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(&path("examples/crm-processor")), folder.path(), &|name| {
        Path::new(name).extension().is_some_and(|extension| extension == "yaml")
    });
    remove_agreements(folder.path());
    if let Some(text) = agreement {
        fs::write(folder.path().join("agreement.yaml"), text).unwrap();
    }
    folder
}

fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if entry.is_dir() {
            fs::create_dir(to.join(&name)).unwrap();
            copy(&entry, &to.join(&name), wanted);
        } else if wanted(&name) {
            fs::copy(&entry, to.join(&name)).unwrap();
        }
    }
}

/// Takes away agreements, and the policies that are about one.
fn remove_agreements(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_dir() {
            remove_agreements(&entry);
            continue;
        }
        let text = fs::read_to_string(&entry).unwrap();
        if text.contains("kind: ProcessingAgreement") || text.contains("kind: TransferPolicy") {
            fs::remove_file(&entry).unwrap();
        }
    }
}

fn agreement_with_selector(selector: &str) -> String {
    let text = fs::read_to_string(path(AGREEMENT)).unwrap();
    let (head, rest) = text.split_once("\nspec:\n").unwrap();
    let rest: Vec<&str> = rest.lines().collect();
    // What stands there selects; ours stands in its place.
    let mut kept = Vec::new();
    let mut skips = false;
    for line in rest {
        let is_key = line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with(['#', '-']);
        if is_key {
            skips = line.starts_with("  namespaceSelector:") || line.starts_with("  workloadSelector:");
        }
        if !skips {
            kept.push(line);
        }
    }
    format!("{head}\nspec:\n  {selector}\n{}\n", kept.join("\n"))
}

fn watch(register: &Path, more: &[&str]) -> Run {
    let mut arguments = watch_all();
    register.to_str().unwrap().clone_into(&mut arguments[2]);
    landfall(arguments.iter().map(String::as_str).chain(more.iter().copied()))
}

fn unjudged(run: &Run, expected: &[&str]) {
    assert_eq!(run.status, 2, "{}", run.stderr);
    for expected in expected.iter().chain(&["error: --fail-on: nothing was judged: "]) {
        assert!(run.stderr.contains(expected), "expected {expected:?} in {}", run.stderr);
    }
}

#[test]
fn without_an_agreement_nothing_passes() {
    let register = register(None);
    let folder = tempfile::tempdir().unwrap();
    let (observations, _) = record(&folder);
    for outcome in ["unlawful", "unknown"] {
        let expected = ["holds no ProcessingAgreement", "docs/objects.md", "`landfall lint "];
        unjudged(&watch(register.path(), &["--fail-on", outcome]), &expected);
        let judge = ["judge", "--register", register.path().to_str().unwrap(), "--observations", &observations];
        unjudged(&landfall(judge.iter().chain(&["--fail-on", outcome])), &expected);
        let run = landfall(judge);
        assert!(run.status == 0 && run.stderr.contains("warning: nothing was judged: the register "), "{}", run.stderr);
    }
    let lint = landfall(["lint", register.path().to_str().unwrap(), "--fail-on", "lint-error"]);
    assert!(lint.status == 2 && lint.stderr.contains("--fail-on: no agreement was checked: "), "{}", lint.stderr);
    let lint = landfall(["lint", register.path().to_str().unwrap()]);
    assert!(lint.status == 0 && lint.stderr.contains("warning: no agreement was checked: "), "{}", lint.stderr);
}

#[test]
fn selectors_that_match_no_workload_pass_nothing() {
    let text = agreement_with_selector("namespaceSelector: { matchLabels: { stage: production } }");
    let register = register(Some(&text));
    let run = watch(register.path(), &["--fail-on", "unlawful"]);
    unjudged(
        &run,
        &[
            "none of the workloads seen (",
            "ai/assistant and ",
            "look at spec.namespaceSelector and spec.workloadSelector of privacy/crm-processor",
            "--workloads",
        ],
    );
    // How much that is.
    let table = run.stdout.lines().last().unwrap();
    assert!(table.starts_with("no agreement covers ") && table.ends_with("; not judged"), "{table}");
    let run = watch(register.path(), &[]);
    assert!(run.status == 0 && run.stderr.contains("warning: nothing was judged: "), "{}", run.stderr);
}

#[test]
fn no_traffic_passes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let register = path("examples/crm-processor");
    let empty = folder.path().join("empty.ndjson");
    fs::write(&empty, "").unwrap();
    let run = landfall([
        "judge",
        "--register",
        &register,
        "--observations",
        empty.to_str().unwrap(),
        "--fail-on",
        "unlawful",
    ]);
    unjudged(&run, &["empty.ndjson holds no observations", "`landfall watch --observations-out FILE` records some"]);

    // A capture with a header and not one frame.
    let capture = folder.path().join("silence.pcap");
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1].map(u32::to_le_bytes).concat();
    fs::write(&capture, header).unwrap();
    let watch = ["watch", "--register", &register, "--pcap", capture.to_str().unwrap()];
    unjudged(&landfall(watch.iter().chain(&["--fail-on", "unknown"])), &["`landfall flows --pcap ", "silence.pcap`"]);
    assert_eq!(landfall(watch).status, 0);
}

#[test]
fn what_is_covered_in_part_is_judged_and_the_rest_is_told() {
    let text = agreement_with_selector("workloadSelector: { matchLabels: { app: assistant } }");
    let register = register(Some(&text));
    // Some of the workloads get the label.
    let folder = tempfile::tempdir().unwrap();
    let workloads = fs::read_to_string(path("examples/traffic/workloads.yaml")).unwrap();
    let mut listed: Vec<serde_json::Value> = serde_saphyr::from_str(&workloads).unwrap();
    for workload in &mut listed {
        let is_assistant = workload["name"] == "assistant";
        workload["labels"] = serde_json::json!({ "app": if is_assistant { "assistant" } else { "other" } });
    }
    let labelled = folder.path().join("workloads.yaml");
    fs::write(&labelled, serde_json::to_string(&listed).unwrap()).unwrap();
    let run = |more: &[&str]| {
        let mut arguments: Vec<String> = ["watch", "--register"].map(str::to_owned).to_vec();
        arguments
            .extend([register.path(), Path::new("--workloads"), &labelled].map(|it| it.to_str().unwrap().to_owned()));
        arguments.push("--pcap".to_owned());
        arguments.extend(captures().iter().map(|file| file.to_str().unwrap().to_owned()));
        landfall(arguments.iter().map(String::as_str).chain(more.iter().copied()))
    };
    let table = run(&["--fail-on", "unlawful"]);
    assert_eq!(table.status, 1, "{}", table.stderr);
    let told = table.stdout.lines().last().unwrap().to_owned();
    let words: Vec<&str> = told.split(' ').collect();
    // no agreement covers 1.2 kB of 3.4 kB in 5 of 6 connections, by 7 of 8 workloads (…); not judged
    let number = |at: usize| words[at].parse::<u64>().unwrap();
    assert_eq!((words[5], words[10], words[12]), ("of", "of", "connections,"), "{told}");
    assert!(number(9) < number(11) && number(14) + 1 == number(16), "{told}");
    let json = run(&["-o", "json"]);
    assert_eq!(json.json().len(), json.stdout.lines().count());
    assert!(json.status == 0 && json.stderr.contains(&format!("note: {told}")), "{}", json.stderr);
    assert!(!json.stderr.contains("warning: nothing was judged"), "{}", json.stderr);
}
