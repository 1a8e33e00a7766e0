//! `docs/sizing.md`: its tables are computed from its formulas, and the chart's values agree with them.

use std::{fmt::Write as _, fs, path::PathBuf};

use serde_json::Value;

use crate::support::root;

const GIB: f64 = 1_073_741_824.0;
/// How long the chart keeps observations, in seconds.
const KEPT: f64 = 7.0 * 86_400.0;
/// The agent's memory without ring and flows, in MiB.
const AGENT: f64 = 46.0;

/// A cluster: nodes, observations a second and node, Transfers.
const CLUSTERS: [(f64, f64, f64); 8] = [
    (3.0, 1.0, 100.0),
    (10.0, 1.0, 300.0),
    (50.0, 1.0, 1_000.0),
    (100.0, 1.0, 2_000.0),
    (300.0, 1.0, 4_000.0),
    (1_000.0, 1.0, 10_000.0),
    (1_000.0, 5.0, 10_000.0),
    (2_000.0, 5.0, 20_000.0),
];

/// The operator's processor in millicores.
fn operator_cores(observations: f64) -> f64 {
    observations * 0.06
}

/// The operator's memory in MiB.
fn operator_memory(nodes: f64, transfers: f64) -> f64 {
    100.0 + 0.1 * nodes + 0.03 * transfers
}

/// The ledger's volume in GiB.
fn volume(observations: f64) -> f64 {
    2.0 + 45.0 * observations * KEPT / GIB
}

/// A size that is written into values: the next of a step.
fn up_to(size: f64, step: f64) -> f64 {
    (size / step).ceil() * step
}

fn operator_table() -> String {
    let mut table =
        "| nodes | observations a second and node | Transfers | request of processor | limit of memory | volume |\n\
        |---|---|---|---|---|---|\n"
            .to_owned();
    for (nodes, each, transfers) in CLUSTERS {
        let observations = nodes * each;
        let cores = up_to(operator_cores(observations), 50.0);
        let memory = up_to(2.0 * operator_memory(nodes, transfers), 128.0);
        let volume = up_to(volume(observations), 1.0);
        writeln!(table, "| {nodes} | {each} | {transfers} | {cores}m | {memory}Mi | {volume}Gi |").unwrap();
    }
    table
}

fn agent_table() -> String {
    let mut table =
        "| new connections a second | request of processor | `captureMemory` | `flowMemory` | limit of memory |\n\
        |---|---|---|---|---|\n"
            .to_owned();
    for flows in [1_000.0, 5_000.0, 10_000.0, 20_000.0] {
        let cores = up_to(flows * 0.02, 50.0);
        // Five seconds of them, and as many that last.
        let (ring, memory) = (32.0, up_to(f64::max(64.0, 2.0 * 5.0 * flows / 1024.0), 32.0));
        let limit = up_to(AGENT + ring + memory, 128.0);
        writeln!(table, "| {flows} | {cores}m | {ring}Mi | {memory}Mi | {limit}Mi |").unwrap();
    }
    table
}

/// What stands between the marks of a section.
fn section(text: &str, name: &str) -> std::ops::Range<usize> {
    let begin = text.find(&format!("<!-- {name}: generated")).unwrap();
    let begin = begin + text[begin..].find('\n').unwrap() + 1;
    begin..begin + text[begin..].find(&format!("<!-- {name}: end -->")).unwrap()
}

#[test]
fn the_tables_follow_from_the_formulas() {
    let file: PathBuf = root().join("docs/sizing.md");
    let mut text = fs::read_to_string(&file).unwrap();
    let committed = text.clone();
    for (name, table) in [("operator", operator_table()), ("agent", agent_table())] {
        let range = section(&text, name);
        text.replace_range(range, &table);
    }
    if std::env::var_os("LANDFALL_UPDATE").is_some() {
        fs::write(&file, &text).unwrap();
        return;
    }
    assert!(text == committed, "docs/sizing.md: run the test with LANDFALL_UPDATE=1");
}

/// A quantity of Kubernetes: millicores, or MiB.
fn quantity(values: &Value, pointer: &str) -> f64 {
    let text = values.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}"));
    let (unit, factor) =
        [("Gi", 1024.0), ("Mi", 1.0), ("m", 1.0)].into_iter().find(|(unit, _)| text.ends_with(unit)).unwrap();
    text.trim_end_matches(unit).parse::<f64>().unwrap() * factor
}

#[test]
fn the_chart_as_it_comes_suffices_for_three_hundred_nodes() {
    let values = fs::read_to_string(root().join("charts/landfall/values.yaml")).unwrap();
    let values: Value = serde_saphyr::from_str(&values).unwrap();
    let of = |pointer: &str| quantity(&values, pointer);
    let (nodes, each, transfers) = CLUSTERS[4];
    assert_eq!(values.pointer("/operator/ledger/keepObservations"), Some(&"168h".into()));
    assert!(of("/operator/ledger/size") >= 1024.0 * volume(nodes * each));
    assert!(of("/operator/resources/requests/cpu") >= operator_cores(nodes * each));
    assert!(of("/operator/resources/limits/memory") >= 2.0 * operator_memory(nodes, transfers));
    assert!(of("/agent/resources/requests/cpu") >= 5_000.0 * 0.02);
    let used = AGENT + of("/agent/captureMemory") + of("/agent/flowMemory");
    assert!(of("/agent/resources/limits/memory") >= used);
    // The text says so.
    let page = fs::read_to_string(root().join("docs/sizing.md")).unwrap();
    assert!(page.contains(&format!("{nodes} nodes with {each} observation a second each, {transfers} Transfers")));
}
