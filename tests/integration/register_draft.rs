//! `landfall register draft`: who was seen and is not registered, as objects to be completed.

use std::collections::BTreeSet;

use crate::{
    ledger::watch_into,
    support::{Run, captures, landfall, path, record},
};

fn draft(arguments: &[&str]) -> Run {
    landfall(["register", "draft"].iter().chain(arguments))
}

fn names(run: &Run) -> BTreeSet<String> {
    let names = run.stdout.lines().filter_map(|line| line.strip_prefix("  name: "));
    names.map(|name| name.trim_matches('"').to_owned()).collect()
}

/// What a person does with a draft.
fn complete(text: &str) -> String {
    text.replace(
        "# legalEntity: { value: { name: \"?\", seat: ? }, source: \"?\"",
        "legalEntity: { value: { name: \"Example Ltd\", seat: IE }, source: \"contract\"",
    )
    .replace("# processing: { value: [?], source: \"?\"", "processing: { value: [IE], source: \"contract\"")
}

#[test]
fn everybody_who_was_sent_data_is_drafted() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = record(&folder);
    let run = draft(&["--observations", &file]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let all = names(&run);
    for domain in ["openai-com", "anthropic-com"] {
        assert!(all.contains(domain), "{all:?}");
    }
    let register = path("examples/crm-processor");
    let unknown = names(&draft(&["--observations", &file, "--register", &register]));
    assert!(!unknown.is_empty() && unknown.is_subset(&all) && !unknown.contains("openai-com"), "{unknown:?}");
}

#[test]
fn a_draft_lacks_what_nobody_said_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = record(&folder);
    let text = draft(&["--observations", &file]).stdout;
    let errors = landfall_register::load_text("draft.yaml", &text).unwrap_err().to_string();
    for line in errors.lines().filter(|line| line.contains("draft.yaml")) {
        assert!(line.contains("legalEntity") || line.contains("processing"), "{line}");
    }
    let register = landfall_register::load_text("draft.yaml", &complete(&text)).unwrap();
    assert_eq!(register.recipients.len(), text.matches("kind: Recipient").count());

    // Completed drafts leave nobody out: what they describe is what was seen.
    let completed = folder.path().join("register");
    std::fs::create_dir(&completed).unwrap();
    std::fs::write(completed.join("drafts.yaml"), complete(&text)).unwrap();
    let again = draft(&["--observations", &file, "--register", completed.to_str().unwrap()]);
    assert_eq!((again.status, names(&again)), (0, BTreeSet::new()), "{}", again.stderr);
}

#[test]
fn captures_observations_and_ledger_give_the_same_drafts() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = record(&folder);
    let ledger = folder.path().join("ledger");
    watch_into(&ledger);
    let of_ledger = draft(&["--ledger", ledger.to_str().unwrap()]);
    let of_file = draft(&["--observations", &file]);
    assert_eq!((of_ledger.status, of_ledger.stdout), (0, of_file.stdout.clone()));
    let locations = path("examples/locations");
    let captures: Vec<_> = captures().iter().map(|file| file.to_str().unwrap().to_owned()).collect();
    let workloads = path("examples/traffic/workloads.yaml");
    let mut arguments = vec!["--workloads", &workloads, "--locations", &locations, "--pcap"];
    arguments.extend(captures.iter().map(String::as_str));
    assert_eq!(names(&draft(&arguments)), names(&of_file));
}

#[test]
fn one_source_is_asked_for() {
    let run = draft(&[]);
    assert!(run.status == 2 && run.stderr.contains("--pcap"), "{}", run.stderr);
    let run = draft(&["--ledger", "a", "--observations", "b"]);
    assert!(run.status == 2 && run.stderr.contains("cannot be used with"), "{}", run.stderr);
    let run = draft(&["--observations", &path("README.md")]);
    assert!(run.status == 2 && run.stderr.contains("README.md: line 1"), "{}", run.stderr);
}
