//! `landfall watch` over all recorded traffic: who sends what to whom, where, and may it.

use serde_json::Value;

use crate::support::{landfall, watch_all};

/// One line a transfer: what a person would want to be told if it changed.
fn line(transfer: &Value) -> String {
    let verdict = &transfer["verdict"];
    let list = |value: &Value, key: &str| -> String {
        value.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    let words = |value: &Value| -> String {
        value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    let workload = &transfer["exporter"]["workload"];
    [
        format!("{}/{}", workload["namespace"].as_str().unwrap(), workload["name"].as_str().unwrap()),
        format!("{} {}", transfer["recipient"].as_str().unwrap(), transfer["endpoint"].as_str().unwrap()),
        verdict["outcome"].as_str().unwrap().to_owned(),
        format!("{}: {}", verdict["categories"]["rung"].as_str().unwrap(), words(&verdict["categories"]["categories"])),
        format!(
            "{} {}",
            words(&verdict["location"]["jurisdictions"]),
            verdict["location"]["certainty"].as_str().unwrap()
        ),
        format!("bases: {}", words(&verdict["bases"])),
        format!("reasons: {}", list(&verdict["reasons"], "code")),
        format!("missing: {}", list(&verdict["missing"], "code")),
        format!("notes: {}", list(&verdict["notes"], "code")),
    ]
    .join(" | ")
}

#[test]
fn the_recorded_traffic_is_judged_as_expected() {
    let mut arguments = watch_all();
    arguments.push("--json".to_owned());
    let run = landfall(arguments);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines: Vec<String> = run.json().iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn all_eight_sub_processors_and_the_unregistered_one_are_in_it() {
    let mut arguments = watch_all();
    arguments.push("--json".to_owned());
    let transfers = landfall(arguments).json();
    for recipient in ["highlevel", "meta-wa", "twilio", "chatbot-mw", "voice-ai", "openai", "anthropic", "gemini"] {
        assert!(transfers.iter().any(|transfer| transfer["recipient"] == recipient), "{recipient}");
    }
    assert!(transfers.iter().any(|transfer| transfer["recipient"].as_str().unwrap().starts_with("unregistered:")));
}

#[test]
fn the_run_fails_on_what_it_was_asked_to_fail_on() {
    let with = |extra: &[&str]| landfall(watch_all().iter().map(String::as_str).chain(extra.iter().copied())).status;
    assert_eq!(with(&["--fail-on", "unlawful"]), 1);
    assert_eq!(with(&["--fail-on", "unknown"]), 1);
    assert_eq!(with(&[]), 0);
}

#[test]
fn the_table_is_one_line_a_transfer_the_worst_first() {
    let run = landfall(watch_all());
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].trim_start().starts_with("VERDICT"), "{}", lines[0]);
    assert!(lines[1].trim_start().starts_with("Unlawful"), "{}", lines[1]);
    let [.., summary, payload] = lines.as_slice() else { panic!("{}", run.stdout) };
    assert!(summary.contains(" transfers: "), "{summary}");
    assert!(payload.starts_with("Sent, by what became of the payload: ") && payload.contains(" inspected (dns, http)"));
    assert!(lines.iter().all(|line| line.chars().count() <= 245));
}
