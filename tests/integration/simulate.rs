//! `landfall simulate` over the example: what changes, and what is due when.

use serde_json::{Value, json};

use crate::support::{landfall, path, record};

/// The recorded observations, and two made-up ones that reach London.
fn observations(folder: &tempfile::TempDir) -> String {
    let (file, _) = record(folder);
    let mut text = std::fs::read_to_string(&file).unwrap();
    let to_london = |host: &str, renamed: &str, name: &str| {
        let found = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut made_up = found.into_iter().find(|one| one["channel"]["host"] == host).unwrap();
        made_up["channel"]["host"] = json!(renamed);
        made_up["channel"]["names"] = json!([{ "name": renamed, "method": "sni" }]);
        made_up["local"]["workload"]["name"] = json!(name);
        for place in made_up["location"].as_array_mut().unwrap() {
            if place["method"] == "cloud-range" {
                place["jurisdiction"] = json!("GB");
                place["cloud"]["region"] = json!("europe-west2");
            }
        }
        format!("{made_up}\n")
    };
    let gemini = "aiplatform.eu.rep.googleapis.com";
    let more = [
        to_london(gemini, "europe-west2-aiplatform.googleapis.com", "ai-london"),
        to_london("api.eu.synthflow.ai", "api.eu.synthflow.ai", "telephony-london"),
    ];
    text.extend(more);
    std::fs::write(&file, text).unwrap();
    file
}

fn simulate(development: &str, extra: &[&str]) -> crate::support::Run {
    let folder = tempfile::tempdir().unwrap();
    let file = observations(&folder);
    let (register, development) = (path("examples/crm-processor"), path(development));
    let arguments = ["simulate", "--register", &register, "--observations", &file, "--development", &development];
    let run = landfall(arguments.iter().chain(extra));
    assert_eq!(run.status, 0, "{}", run.stderr);
    run
}

const SEEN_FROM: [&str; 2] = ["--at", "2026-12-02T12:00:00Z"];

#[test]
fn the_fall_of_the_data_privacy_framework() {
    insta::assert_snapshot!(simulate("examples/developments/dpf-annulled.yaml", &SEEN_FROM).stdout);
}

#[test]
fn the_lapse_of_adequacy_for_the_united_kingdom() {
    insta::assert_snapshot!(simulate("examples/developments/uk-adequacy-lapses.yaml", &SEEN_FROM).stdout);
}

#[test]
fn programs_get_every_edge_with_both_verdicts_and_what_is_to_be_appended() {
    let extra: Vec<_> = SEEN_FROM.iter().chain(&["--json"]).copied().collect();
    let lines = simulate("examples/developments/dpf-annulled.yaml", &extra).json();
    let of_type = |name: &str| lines.iter().filter(|line| line["type"] == name).collect::<Vec<_>>();
    let [development, duties] = [of_type("development"), of_type("duties")].map(|found| {
        assert_eq!(found.len(), 1);
        found[0].clone()
    });
    assert_eq!(development["hits"]["bases"], json!(["adequacy-us-dpf"]));
    let edges = of_type("edge");
    let fell =
        edges.iter().filter(|edge| edge["before"]["outcome"] != "Unlawful" && edge["after"]["outcome"] == "Unlawful");
    assert_eq!(duties["unlawful"], fell.count());
    // Annulment works on what was seen before the judgment, too, and is appended to it.
    for edge in edges {
        for rejudgment in edge["rejudged"].as_array().unwrap() {
            assert_eq!(rejudgment["interval"]["from"], rejudgment["before"]["at"], "{edge}");
            assert_ne!(rejudgment["before"]["ruleset"], rejudgment["after"]["ruleset"]);
        }
        assert!(!edge["rejudged"].as_array().unwrap().is_empty(), "{edge}");
    }
    let ids: Vec<_> = duties["duties"].as_array().unwrap().iter().map(|duty| duty["id"].as_str().unwrap()).collect();
    for id in ["SCH-INF", "SCH-ASS", "SCH-TRANS", "SCH-KUEND", "BR-FIRST", "latest-notice-receipt", "latest-cutover"] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
}

#[test]
fn a_plan_that_cannot_be_kept_says_so() {
    let run = simulate("examples/developments/dpf-annulled.yaml", &["--at", "2027-06-20T00:00:00Z"]);
    assert!(run.stdout.contains("plan impossible"), "{}", run.stdout);
}

#[test]
fn a_file_without_one_development_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let observations = folder.path().join("none.ndjson");
    std::fs::write(&observations, "").unwrap();
    let simulate = |development: &str| {
        let (register, file) = (path("examples/crm-processor"), observations.to_str().unwrap().to_owned());
        landfall(["simulate", "--register", &register, "--observations", &file, "--development", development])
    };
    let known = path("examples/crm-processor/policy.yaml");
    let run = simulate(&known);
    assert_eq!(run.status, 2, "{}", run.stdout);
    let unknown = folder.path().join("development.yaml");
    let text = std::fs::read_to_string(path("examples/developments/dpf-annulled.yaml")).unwrap();
    std::fs::write(&unknown, text.replace("(EU) 2023/1795\",", "(EU) 1999/1\",")).unwrap();
    let run = simulate(unknown.to_str().unwrap());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("development.yaml:11: spec.bases[0].decision"), "{}", run.stderr);
}
