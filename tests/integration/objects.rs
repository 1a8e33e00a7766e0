//! The corpus of good and bad objects at a real API server; `crates/register/tests/objects.rs` asks the loader.

use std::fs;

use landfall_tests::cluster;

use crate::{
    register_api::{dry_run, install},
    support::root,
};

/// Name and text of each object.
fn objects(folder: &str) -> Vec<(String, String)> {
    let mut objects: Vec<_> = fs::read_dir(root().join("tests/objects").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&file).unwrap()))
        .collect();
    objects.sort();
    objects
}

#[tokio::test]
async fn the_api_server_answers_as_the_loader_does() {
    let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
    let client = cluster::or_skip(plane.client().await).unwrap();
    install(&client).await;
    let mut wrong = Vec::new();
    for (name, text) in objects("good") {
        if let Err(status) = dry_run(&client, &text).await {
            wrong.push(format!("{name} is refused: {}", status.message));
        }
    }
    for (name, text) in objects("bad") {
        let expected = text.lines().next().unwrap().strip_prefix("# expects: ").unwrap();
        let Err(status) = dry_run(&client, &text).await else {
            wrong.push(format!("{name} is taken"));
            continue;
        };
        let causes = status.details.map(|details| details.causes).unwrap_or_default();
        // Of a mapping where a list should be, the fields are unknown.
        let unknown = ["\"", "."].map(|end| format!("unknown field \"{expected}{end}"));
        let is_unknown = unknown.iter().any(|text| status.message.contains(text));
        if !causes.iter().any(|cause| cause.field == expected) && !is_unknown {
            wrong.push(format!("{name}: expected {expected}, found {}", status.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
