//! The captures of `tests/faults`, made after public bug reports: every flow as `truth.json` says it is.

use std::{collections::BTreeSet, fs};

use serde::Deserialize;
use serde_json::Value;

use crate::support::{landfall, path};

/// What does not come out as `truth.json` says so far, and why.
const PENDING: [(&str, &str); 2] =
    [("b19_socks.pcap", "SOCKS is not read"), ("b20_erspan3.pcap", "tunnels (here ERSPAN in GRE) are not followed")];

/// A capture of `truth.json`; the fields are explained in `tests/faults/README.md`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(rename = "case")]
    what: String,
    flows: Vec<Flow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    proto: String,
    src: String,
    sport: u16,
    dst: String,
    dport: u16,
    name: Option<Words>,
    method: Option<Words>,
    packets: u64,
    bytes: u64,
    #[serde(default = "one")]
    lines: usize,
    #[serde(default = "yes")]
    directed: bool,
    proto_app: Option<String>,
    start: Option<String>,
    truncated: Option<bool>,
    alt: Option<String>,
    #[serde(default)]
    free: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

impl Words {
    fn all(words: Option<&Self>) -> Vec<&str> {
        match words {
            None => Vec::new(),
            Some(Self::One(word)) => vec![word],
            Some(Self::Several(words)) => words.iter().map(String::as_str).collect(),
        }
    }
}

fn truth() -> serde_json::Map<String, Value> {
    serde_json::from_str(&fs::read_to_string(path("tests/faults/truth.json")).unwrap()).unwrap()
}

/// What is wrong with the lines of a capture; nothing if all is right.
fn differences(case: &Case, lines: &[Value]) -> Vec<String> {
    let mut differences = Vec::new();
    let mut explained = BTreeSet::new();
    for flow in &case.flows {
        let its: Vec<_> = lines.iter().enumerate().filter(|(_, line)| flow.is(line)).collect();
        explained.extend(its.iter().map(|(at, _)| *at));
        let its: Vec<_> = its.into_iter().map(|(_, line)| line).collect();
        differences.extend(flow.differences(&its).into_iter().map(|it| format!("port {}: {it}", flow.sport)));
    }
    differences
        .extend((0..lines.len()).filter(|at| !explained.contains(at)).map(|at| format!("not in it: {}", lines[at])));
    differences
}

impl Flow {
    fn is(&self, line: &Value) -> bool {
        let ends = [(&line["src"], &line["srcPort"]), (&line["dst"], &line["dstPort"])];
        let is =
            |(address, port): (&Value, &Value), expected: (&str, u16)| *address == *expected.0 && *port == expected.1;
        let (src, dst) = ((self.src.as_str(), self.sport), (self.dst.as_str(), self.dport));
        line["transport"] == *self.proto
            && (is(ends[0], src) && is(ends[1], dst) || !self.directed && is(ends[0], dst) && is(ends[1], src))
    }

    fn differences(&self, lines: &[&Value]) -> Vec<String> {
        if lines.len() != self.lines {
            return vec![format!("{} lines", lines.len())];
        }
        let mut differences = Vec::new();
        let mut hold = |what: &str, found: &Value, expected: Value| {
            if *found != expected {
                differences.push(format!("{what} {found}, expected {expected}"));
            }
        };
        let sum = |out: &str, back: &str| {
            lines.iter().map(|line| line[out].as_u64().unwrap() + line[back].as_u64().unwrap()).sum::<u64>()
        };
        hold("packets", &sum("packetsOut", "packetsIn").into(), self.packets.into());
        hold("bytes", &sum("bytesOut", "bytesIn").into(), self.bytes.into());
        for line in lines {
            if let Some(protocol) = &self.proto_app {
                hold("protocol", &line["protocol"], protocol.as_str().into());
            }
            if let Some(start) = &self.start {
                hold("start", &line["start"], start.as_str().into());
            }
            hold("truncated", &line["truncated"], self.truncated.unwrap_or_default().into());
        }
        differences.extend(self.difference_of_names(lines));
        differences
    }

    fn difference_of_names(&self, lines: &[&Value]) -> Option<String> {
        let names: BTreeSet<_> = lines
            .iter()
            .flat_map(|line| line["names"].as_array().unwrap())
            .map(|name| (name["name"].as_str().unwrap(), name["method"].as_str().unwrap()))
            .collect();
        let expected = Words::all(self.name.as_ref());
        let methods = Words::all(self.method.as_ref());
        let is_right = if expected.is_empty() {
            self.free || names.iter().all(|(name, _)| Some(*name) == self.alt.as_deref())
        } else {
            let found: BTreeSet<_> = names.iter().filter(|(_, method)| methods.contains(method)).collect();
            found.iter().map(|(name, _)| *name).eq(expected.iter().copied().collect::<BTreeSet<_>>())
                && (expected.len() > 1 || self.dport == 53 || lines.iter().all(|line| line["host"] == *expected[0]))
        };
        (!is_right).then(|| format!("names {names:?}, expected {expected:?} by {methods:?}"))
    }
}

#[test]
fn every_flow_is_as_the_truth_says() {
    let mut wrong = Vec::new();
    let mut differs = BTreeSet::new();
    let truth = truth();
    assert_eq!(truth.len(), 18);
    for (file, case) in truth {
        let case: Case = serde_json::from_value(case).unwrap();
        let run = landfall(["flows", "--json", "--pcap", &path(&format!("tests/faults/{file}"))]);
        let differences = differences(&case, &run.json());
        if run.status != 0 || !differences.is_empty() {
            let all = differences.join("\n    ");
            wrong.push(format!("{file} ({}, {}) ends with {}\n    {all}", case.reference, case.what, run.status));
            differs.insert(file);
        }
    }
    // What is right by now is pending no more.
    let pending = PENDING.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(differs, pending, "{}", wrong.join("\n"));
}

#[test]
fn no_output_holds_a_raw_control_byte() {
    let register = path("examples/crm-processor");
    for file in truth().keys() {
        let capture = path(&format!("tests/faults/{file}"));
        for format in ["table", "json", "yaml"] {
            let flows = landfall(["flows", "-o", format, "--pcap", &capture]);
            let watch = landfall(["watch", "-o", format, "--register", &register, "--pcap", &capture]);
            for text in [flows.stdout, flows.stderr, watch.stdout, watch.stderr] {
                let raw = text.chars().find(|char| char.is_control() && *char != '\n');
                assert_eq!(raw, None, "{file}, {format}");
            }
        }
    }
}
