//! Observations that were recorded before a prefix was declared: what `watch` says of the capture, and what `judge` can
//! say of them.

use std::path::Path;

use serde_json::Value;

use crate::support::{Run, landfall, pcap, register_with, segment};

/// A recipient told apart by a prefix that is longer than what addresses are truncated to.
const ACME: &str = "---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme GmbH, seat: DE }, source: contract, asOf: 2026-11-01 }
  categories: ['pd:EmailAddress']
  endpoints:
    - name: api
      cidrs: [198.51.100.16/28]
      source: contract
      asOf: 2026-11-01
      processing: { value: [DE], source: contract, asOf: 2026-11-01 }
  onward: []
";

/// A connection to an address of the prefix, and one to its neighbour.
fn capture(folder: &Path) -> String {
    let here = ([192, 0, 2, 10], 40_000);
    let mut packets = Vec::new();
    for last in [17, 200] {
        let there = ([198, 51, 100, last], 443);
        for (from, to, flags) in [(here, there, 0x02), (there, here, 0x12), (here, there, 0x10)] {
            packets.push((0, segment(from, to, 1, flags, b"")));
        }
    }
    let file = folder.join("c.pcap");
    std::fs::write(&file, pcap(&packets)).unwrap();
    file.to_str().unwrap().to_owned()
}

fn told(run: &Run) -> Vec<(String, String)> {
    assert_eq!(run.status, 0, "{}", run.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    run.json().iter().map(|transfer| (text(&transfer["recipient"]), text(&transfer["verdict"]["outcome"]))).collect()
}

#[test]
fn judge_says_which_prefix_needs_whole_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let below = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let capture = capture(folder.path());
    let before = register_with(&folder.path().join("before"), "");
    let now = register_with(&folder.path().join("now"), ACME);
    let (old, new) = (below("old.ndjson"), below("new.ndjson"));

    let watch = |register: &str, out: &str| {
        landfall(["watch", "--register", register, "-o", "json", "--observations-out", out, "--pcap", &capture])
    };
    assert_eq!(told(&watch(&before, &old)), [("unregistered:198.51.100.0/24".into(), "Unknown".into())]);
    let watched = watch(&now, &new);
    let expected = [("acme".into(), "IntraEea".into()), ("unregistered:198.51.100.0/24".into(), "Unknown".into())];
    assert_eq!(told(&watched), expected);

    // Recorded before the prefix was declared: who it is cannot be told, and judge says what it takes.
    let judge = |observations: &str, extra: &[&str]| {
        let arguments = ["judge", "--register", &now, "--observations", observations];
        landfall(arguments.iter().chain(extra))
    };
    let judged = judge(&old, &["-o", "json"]);
    assert_eq!(told(&judged), [("truncated:198.51.100.0/24".into(), "Unknown".into())]);
    let reasons = judged.json()[0]["verdict"]["reasons"].clone();
    let reason = serde_json::json!([{
        "effect": "Unknown",
        "code": "AddressTruncated",
        "says": {
            "code": "AddressTruncated",
            "arguments": {
                "address": "198.51.100.0/24",
                "candidates": [{
                    "prefix": "198.51.100.16/28",
                    "standsFor": { "registered": { "recipient": "acme", "endpoint": "api" } },
                    "asOf": "2026-11-01",
                }],
            },
        },
        "text": "the address was recorded as 198.51.100.0/24, and within it lie 198.51.100.16/28 (acme/api, as of \
                 2026-11-01): whole addresses would tell; what agents record under this register keeps them, so record \
                 anew",
    }]);
    assert_eq!(reasons, reason);
    let german = judge(&old, &["--explain", "de"]).stdout;
    let sentence = "Dagegen spricht: aufgezeichnet wurde die Adresse als 198.51.100.0/24, und darin liegen \
                    198.51.100.16/28 (acme/api, Stand 2026-11-01): erst ganze Adressen sagen, wer es ist; was Agenten \
                    unter diesem Register aufzeichnen, behält sie, also neu aufzeichnen.";
    assert!(german.contains(sentence), "{german}");
    let table = judge(&old, &[]).stdout;
    assert!(table.contains("AddressTruncated 198.51.100.16/28"), "{table}");

    // Recorded anew, both say the same, of the neighbour, too.
    assert_eq!(judge(&new, &["-o", "json"]).stdout, watched.stdout);
    // And no draft is made of somebody who may be registered.
    let drafted = landfall(["register", "draft", "--register", &now, "--observations", &old]);
    assert_eq!((drafted.status, drafted.stdout.as_str()), (0, ""), "{}", drafted.stderr);
}
