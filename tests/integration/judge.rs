//! `landfall judge`: what was recorded is judged as what was watched.

use crate::support::{landfall, landfall_reading, path, record};

#[test]
fn recorded_observations_give_the_verdicts_of_the_watch() {
    let folder = tempfile::tempdir().unwrap();
    let (file, watched) = record(&folder);
    let file = file.as_str();
    let judged =
        landfall(["judge", "--register", &path("examples/crm-processor"), "--observations", file, "-o", "json"]);
    assert_eq!((judged.status, &judged.stdout), (0, &watched.stdout));

    let observations = std::fs::read(file).unwrap();
    let piped = landfall_reading(
        ["judge", "--register", &path("examples/crm-processor"), "--observations", "-", "--json"],
        &observations,
    );
    assert_eq!(piped.stdout, watched.stdout);
}

#[test]
fn the_instant_of_judgment_can_be_set() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = record(&folder);
    let file = file.as_str();
    let register = path("examples/crm-processor");
    let later =
        landfall(["judge", "--register", &register, "--observations", file, "--json", "--at", "2029-01-01T00:00:00Z"]);
    let outcomes: Vec<_> = later.json().iter().map(|transfer| transfer["verdict"]["outcome"].clone()).collect();
    assert!(!outcomes.iter().any(|outcome| outcome == "Permitted"), "facts of 2026 are stale in 2029: {outcomes:?}");
}

#[test]
fn a_bad_line_is_named_and_the_others_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let (file, watched) = record(&folder);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let broken = lines[0].replace(r#""initiator":"local""#, r#""initiator":"sideways""#);
    lines.insert(1, &broken);
    std::fs::write(&file, lines.join("\n")).unwrap();
    let register = path("examples/crm-processor");
    let run = landfall(["judge", "--register", &register, "--observations", &file, "--json"]);
    assert_eq!((run.status, run.stdout), (2, watched.stdout));
    assert!(
        run.stderr.contains("observations.ndjson: line 2: field initiator: expected `local` or `remote`"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_reasoning_is_given_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = record(&folder);
    let file = file.as_str();
    let register = path("examples/crm-processor");
    let explain = |extra: &[&str]| {
        let arguments = ["judge", "--register", &register, "--observations", file, "--explain"];
        landfall(arguments.iter().chain(extra))
    };
    insta::assert_snapshot!("explained_in_english", explain(&[]).stdout);
    insta::assert_snapshot!("explained_in_german", explain(&["de"]).stdout);
    let with_sentences = explain(&["de", "--json"]).json();
    assert!(with_sentences.iter().all(|transfer| transfer["explanation"].as_array().unwrap().len() > 2));
}

const AGREEMENT: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: crm-processor, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, land: DE-BE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L56 }] }
  obligations: [{ id: SUB-LIST, lines: [L36] }]
"#;

const BUS: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["kafka.example:9093"]
  agreementRef: { namespace: privacy, name: crm-processor }
  topics: [{ name: orders, include: { names: [orders] }, categories: ["pd:Name"] }]
"#;

#[test]
fn a_topic_is_judged_under_the_agreement_of_its_bus_with_what_is_declared_for_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("agreement.yaml"), AGREEMENT).unwrap();
    let register = folder.path().to_str().unwrap();
    let observations = path("crates/observation/testdata/topic-of-bus.json");
    let judge = |extra: &[&str]| {
        let arguments = ["judge", "--register", register, "--observations", &observations];
        landfall(arguments.iter().chain(extra))
    };
    let without = judge(&["--json"]);
    assert_eq!((without.status, without.stdout.as_str()), (0, ""), "no bus is registered: {}", without.stderr);

    std::fs::write(folder.path().join("bus.yaml"), BUS).unwrap();
    let [transfer] = &judge(&["--json"]).json()[..] else { panic!("one transfer") };
    assert_eq!(transfer["agreement"], "privacy/crm-processor");
    assert_eq!(transfer["exporter"]["topic"]["name"], "orders");
    assert_eq!(transfer["verdict"]["categories"]["rung"], "Declared");
    let explained = judge(&["--explain"]).stdout;
    assert!(explained.contains("Declared for the topic: pd:Name."), "{explained}");
}
