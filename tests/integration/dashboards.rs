//! The dashboards (`dashboards/`): they keep the rules, and every query gives something with a recording of the real
//! programs in a real Prometheus.

mod colors;
mod model;
mod prometheus;
mod rules;

use std::collections::BTreeSet;

use model::{boards, typed};
use prometheus::Prometheus;
use rules::{Known, faults};
use serde_json::json;

use crate::{rules::files::families, support::root};

/// Queries that are rightly empty in the recording, by board, panel and name: what they count does not happen in it.
const EMPTY: &[(&str, &str, &str)] = &[
    ("operator-and-ledger", "Refused batches and watch errors a second", "A"),
    ("operator-and-ledger", "Refused batches and watch errors a second", "B"),
    // Its operator has neither archive nor anchor.
    ("operator-and-ledger", "Longest wait for archive and anchor", "A"),
    ("operator-and-ledger", "Segments not archived or anchored yet", "A"),
    ("operator-and-ledger", "Failures of archive and anchor a second", "A"),
    ("operator-and-ledger", "Kept past the retention period", "A"),
];

#[test]
fn boards_keep_the_rules() {
    let known = known();
    let found: Vec<_> = boards()
        .iter()
        .flat_map(|(file, value)| match typed(value) {
            Ok(board) => faults(file, &board, &known),
            Err(error) => vec![format!("{file}: {error}")],
        })
        .collect();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(known.uids.len(), boards().len(), "each has a uid of its own");
}

#[test]
fn a_fault_in_a_board_is_found() {
    let known = known();
    let (file, board) = boards().into_iter().find(|(file, _)| file == "transfers-and-verdicts").unwrap();
    let query = "/panels/3/targets/0/expr";
    let cases = [
        ("/uid", json!("other"), "has no uid of ours"),
        ("/title", json!("Other"), "is in a file of another name"),
        ("/editable", json!(true), "can be edited in place"),
        ("/schemaVersion", json!(12), "another schema version"),
        ("/links", json!([]), "does not link to the other boards"),
        ("/templating/list/0/query", json!("loki"), "does not begin with the variable datasource"),
        ("/templating/list/1/allValue", json!(".+"), "does not begin with all"),
        ("/templating/list/1/refresh", json!(1), "does not follow the time range"),
        ("/templating/list/3/name", json!("other"), "other variables than"),
        ("/panels/1/id", json!(1), "two panels have the id 1"),
        ("/panels/1/gridPos/y", json!(2), "overlap"),
        ("/panels/1/gridPos/w", json!(25), "leaves the grid"),
        ("/panels/1/type", json!("netsage-sankey-panel"), "not every Grafana has"),
        ("/panels/1/title", json!(""), "has no title"),
        ("/panels/1/description", json!("Transfers by verdict and reason"), "does not say what to do"),
        ("/panels/1/datasource/uid", json!("prometheus"), "data source of its own"),
        ("/panels/1/fieldConfig/defaults/unit", json!("furlongs"), "unknown one"),
        (
            "/panels/1/fieldConfig/overrides/0/properties/0/value/0/options/unknown/color",
            json!("orange"),
            "shows text on orange",
        ),
        ("/panels/0/options/colorMode", json!("value"), "on a gradient, or in a colour"),
        ("/panels/1/fieldConfig/defaults/noValue", json!("none"), "why it may be empty"),
        (
            "/panels/1/fieldConfig/defaults/noValue",
            json!("no data because all is well here"),
            "forgets a missing scrape",
        ),
        ("/panels/1/links/0/url", json!("docs/runbooks/Other.md"), "runbook that does not exist"),
        ("/panels/1/links/1/url", json!("/d/other"), "does not link to another board"),
        ("/panels/1/transformations/0/id", json!("other"), "unknown transformation"),
        (query, json!("rate(landfall_other_total{cluster=~\"$cluster\"}[$__rate_interval])"), "not in docs/metrics.md"),
        (query, json!("sum(landfall_edges{cluster=~\"$cluster\", node=\"a\", place=\"b\"})"), "has no label place"),
        (query, json!("sum by (place) (landfall_edges{cluster=~\"$cluster\"})"), "nothing has a label place"),
        (query, json!("sum(landfall_edges)"), "is not selected by cluster"),
        (query, json!("sum(landfall_edges{cluster=~\"$cluster\", agreement=\"$other\"})"), "uses $other"),
        (query, json!("rate(landfall_observations_total{cluster=~\"$cluster\"}[5m])"), "over a fixed time"),
        (query, json!("sum(landfall_observations_total{cluster=~\"$cluster\"})"), "as it is"),
        (query, json!("rate(landfall_edges{cluster=~\"$cluster\"}[$__rate_interval])"), "takes the rate of the gauge"),
        (query, json!("sum(landfall_edges{cluster=~\"$cluster\"}) or vector(0)"), "makes up a value"),
        ("/panels/3/targets/0/instant", json!(true), "an instant and a range"),
        ("/panels/3/targets/0/refid", json!("A"), "unknown field"),
    ];
    for (path, value, expected) in cases {
        let mut broken = board.clone();
        match broken.pointer_mut(path) {
            Some(there) => *there = value.clone(),
            None => broken["panels"][3]["targets"][0]["refid"] = value.clone(),
        }
        let found = match typed(&broken) {
            Ok(board) => faults(&file, &board, &known),
            Err(error) => vec![error],
        };
        assert!(found.iter().any(|fault| fault.contains(expected)), "{path} = {value}: {found:?}");
    }
}

#[test]
fn every_query_gives_something_with_what_the_programs_expose() {
    let Some(prometheus) = Prometheus::start() else { return };
    let mut faults = Vec::new();
    let mut empty = BTreeSet::new();
    for (file, value) in boards() {
        for panel in typed(&value).unwrap().panels {
            for target in panel.targets {
                let expr = prometheus.interpolated(&target.expr, target.interval.is_some());
                let query = (file.clone(), panel.title.clone(), target.ref_id);
                match prometheus.query(&expr, target.instant) {
                    Err(error) => faults.push(format!("{query:?}: {error}\n{expr}")),
                    // Over time, a quantile of nothing is a gap.
                    Ok(values) if values.iter().any(|it| it.is_infinite() || it.is_nan() && target.instant) => {
                        faults.push(format!("{query:?}: {values:?}\n{expr}"));
                    }
                    Ok(values) if values.iter().all(|value| value.is_nan()) => drop(empty.insert(query)),
                    Ok(_) => {}
                }
            }
        }
    }
    let expected: BTreeSet<_> =
        EMPTY.iter().map(|(file, title, name)| ((*file).to_owned(), (*title).to_owned(), (*name).to_owned())).collect();
    assert_eq!((faults, empty), (Vec::new(), expected));
}

/// A zero would say that all is well.
#[test]
fn without_data_no_query_gives_anything_so_that_each_panel_says_why() {
    let Some(prometheus) = Prometheus::start().map(Prometheus::before_the_recording) else { return };
    let mut asked = 0;
    for (file, value) in boards() {
        for panel in typed(&value).unwrap().panels {
            for target in panel.targets {
                let expr = prometheus.interpolated(&target.expr, target.interval.is_some());
                let given = prometheus.query(&expr, target.instant);
                assert_eq!(given, Ok(Vec::new()), "{file}: {:?}: {expr}", panel.title);
                asked += 1;
            }
        }
    }
    assert!(asked > 50, "{asked}");
}

/// What a person would check by hand: the boards say the same about the recording in different ways.
#[test]
fn the_recording_shows_what_happened_in_it() {
    let Some(prometheus) = Prometheus::start() else { return };
    let one = |expr: &str| {
        let values = prometheus.query(&prometheus.interpolated(expr, false), true).unwrap();
        let [value] = values[..] else { panic!("{expr}: {values:?}") };
        value
    };
    // The register of the recording: six recipients with a place each, one with two and an onward one, one anywhere.
    let places = one("count(count by (jurisdiction) (landfall_transfer_place_info))");
    assert!(places >= 10.0, "{places}");
    assert!(one("count(landfall_transfer_place_info{jurisdiction=\"BR\",hop=\"onward\"})") >= 1.0);
    assert!(one("count(landfall_transfer_place_info{jurisdiction=\"IN\",verdict=\"unlawful\"})") >= 1.0);
    let leak = "workload=\"Deployment/exports\",recipient=\"unregistered\",verdict=\"unlawful\"";
    assert!(one(&format!("count(landfall_alerting_transfers{{{leak}}})")) >= 1.0);
    assert!(one(&format!("sum(landfall_transfer_bytes_total{{{leak},direction=\"sent\"}})")) > 1_000.0);
    assert!(one("count(landfall_transfer_category_info{category=\"pd:EmailAddress\",rung=\"seen\"})") >= 1.0);
    assert!(one("sum(landfall_incident_open)") >= 1.0);
    // A topic has a reader without a basis. All that the agent went past in it is accounted for.
    let topic = "workload=\"Topic/events/shop.orders\",recipient=\"analytics\",verdict=\"unlawful\"";
    assert!(one(&format!("count(landfall_alerting_transfers{{{topic}}})")) >= 1.0);
    assert!(one("sum(landfall_agent_bus_offsets_total{bus=\"shop/events\",outcome=\"inspected\"})") > 1_000.0);
    assert!(
        one("count(landfall_agent_bus_topic_matches_total{topic=\"shop.orders\",category=\"pd:EmailAddress\"})") >= 1.0
    );
    assert!(one("min(landfall_agent_bus_read{bus=\"shop/events\"})") > 0.5);
    // A node was unwatched, and is watched again.
    assert!(one("min(min_over_time(landfall_node_covered[$__range]))") < 0.5);
    assert!(one("min(landfall_node_covered)") > 0.5);
    // The operator has what the agents report: all pods with an interface of their own are captured in the end.
    assert!(one("min(landfall_node_pods{capture=\"captured\"})") >= 1.0);
    assert!(one("max(landfall_node_pods{capture=~\"not_captured|unknown\"})") < 0.5);
}

/// No address but those for documentation, no name but made-up ones.
#[test]
fn the_recording_names_nobody() {
    let text = prometheus::recording();
    let names = ["openai", "twilio", "anthropic", "google", "meta", "highlevel", "crm-processor"];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(names.iter().all(|name| !line.contains(name)), "{line}");
        for word in line.split(|letter: char| !letter.is_ascii_digit() && letter != '.') {
            if let Ok(address) = word.parse::<std::net::Ipv4Addr>() {
                assert!(address.is_documentation(), "{line}");
            }
        }
    }
}

fn known() -> Known {
    let uids = boards().values().map(|board| board["uid"].as_str().unwrap_or_default().to_owned()).collect();
    let runbooks = std::fs::read_dir(root().join("docs/runbooks")).unwrap();
    let name = |file: std::path::PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    Known { families: families(), runbooks: runbooks.map(|entry| name(entry.unwrap().path())).collect(), uids }
}
