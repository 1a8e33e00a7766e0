//! The corpus of good and bad objects (`tests/objects/`), as the loader answers. `tests/integration/objects.rs` asks a
//! real API server the same.

#![allow(clippy::unwrap_used, reason = "in a test a failed expectation is a failed test")]

use std::{fs, path::Path};

use landfall_register::{Problem, load_text};

/// Name and text of each object.
fn objects(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/objects").join(folder);
    let mut objects: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&file).unwrap()))
        .collect();
    objects.sort();
    objects
}

/// The fields that the loader has something against. What an object refers to is no matter of the object alone.
fn faults(name: &str, text: &str) -> Vec<String> {
    let Err(errors) = load_text(name, text) else { return Vec::new() };
    let of_object = errors
        .as_slice()
        .iter()
        .filter(|error| !matches!(error.problem, Problem::Dangling { .. } | Problem::UnknownDecision(_)));
    of_object.map(|error| error.path.clone()).collect()
}

/// What only the operator has is not in a folder.
fn is_of_a_register(text: &str) -> bool {
    !["Transfer", "Incident"].iter().any(|kind| text.contains(&format!("\nkind: {kind}\n")))
}

#[test]
fn good_objects_are_taken() {
    let examples: Vec<_> = objects("reference").into_iter().filter(|(_, text)| is_of_a_register(text)).collect();
    assert_eq!(examples.len(), 7);
    let refused: Vec<_> = objects("good")
        .iter()
        .chain(&examples)
        .map(|(name, text)| (name.clone(), faults(name, text)))
        .filter(|(_, faults)| !faults.is_empty())
        .collect();
    assert_eq!(refused, []);
}

#[test]
fn bad_objects_are_refused_where_they_are_bad() {
    let objects = objects("bad");
    assert!(objects.len() >= 60, "{}", objects.len());
    let mut wrong = Vec::new();
    for (name, text) in &objects {
        let expected = text.lines().next().unwrap().strip_prefix("# expects: ").unwrap();
        let found = faults(name, text);
        let is_there = |path: &String| {
            path.strip_prefix(expected).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if !found.iter().any(is_there) {
            wrong.push(format!("{name}: expected {expected}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
