//! Golden ledgers: small sealed folders with a record of every kind, which every later version of the program must verify, list and
//! show. They are frozen: what was written once is evidence for ever. When what the program writes has changed, give [`LATEST`]
//! a new name and run
//!
//! ```text
//! LANDFALL_UPDATE=1 cargo test --workspace --test integration -- golden_ledger
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Once,
};

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{
    Class, Gap, GapCause, Hold, KeyChangeReason, Ledger, NewRecord, RecordKind, Settings, Signer, Source,
};
use landfall_operator::judging::{DecisionRecord, DraftRecord, IncidentRecord};
use landfall_transfer_law::{JudgmentRecord, RollupRecord};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    ledger::watch_into,
    support::{Run, landfall, path},
};

/// Keys made for this ledger alone. The first is that of RFC 8410, 10.3, the second that of RFC 8032, 7.1, test 2.
const KEYS: [&str; 2] = [
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJsozT2Wnb22ljVrpO8PW47sMi7pxnV1ja/VRrbR\n-----END PRIVATE KEY-----\n",
];

/// The folder that holds what is written today; older ones stay beside it.
const LATEST: &str = "v2";

/// Where the latest is; made first where that is asked for and it is not there.
fn golden() -> PathBuf {
    static UPDATED: Once = Once::new();
    let folder = all_golden().join(LATEST);
    UPDATED.call_once(|| {
        if std::env::var_os("LANDFALL_UPDATE").is_some() && !folder.exists() {
            create(&folder);
        }
    });
    folder
}

fn all_golden() -> PathBuf {
    PathBuf::from(path("crates/evidence/testdata/golden"))
}

fn at(minutes: i64) -> Timestamp {
    "2026-11-23T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn signer(number: usize) -> Signer {
    Signer::from_pem(KEYS[number]).unwrap()
}

fn ledger(command: &str, folder: &Path, more: &[&str]) -> Run {
    landfall(["ledger", command, folder.to_str().unwrap()].iter().chain(more))
}

/// What is written today has the fields that the type has.
fn as_written<T: DeserializeOwned + Serialize>(body: Value) -> String {
    let record: T = serde_json::from_value(body).unwrap();
    serde_json::to_string(&record).unwrap()
}

/// Some observations of the recorded captures with the judgments that came of them.
fn watched() -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    watch_into(folder.path());
    let bodies = |kind| {
        let run = ledger("export", folder.path(), &["--kind", kind, "--body"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut judgments = bodies("judgment");
    // One of each outcome, the first.
    let mut outcomes = std::collections::BTreeSet::new();
    judgments.retain(|body| {
        let body: Value = serde_json::from_str(body).unwrap();
        outcomes.insert(body["verdict"]["outcome"].as_str().unwrap().to_owned())
    });
    (bodies("observation").into_iter().take(4).collect(), judgments)
}

/// What the operator writes of a breach, as it does.
fn of_incident(judgment: &JudgmentRecord) -> Vec<(RecordKind, String)> {
    let subject = json!({ "kind": "Incident", "namespace": judgment.edge.agreement.namespace, "name": "sync-7f3c" });
    let reasons = &judgment.verdict.reasons;
    let codes: Vec<_> = reasons.iter().map(|reason| json!(reason.code)).collect();
    let incident = json!({
        "schema": IncidentRecord::SCHEMA, "program": env!("CARGO_PKG_VERSION"), "event": "opened", "at": at(2), "edge": judgment.edge, "known": [at(2)],
        "finding": {
            "codes": codes, "obligations": [], "says": reasons[0].ground.says, "categories": [],
            "rung": judgment.verdict.categories.rung, "places": [],
        },
        "worst": judgment.verdict.outcome, "lastSeen": judgment.interval.until, "terms": null,
        "served": { "tenants": ["tenant-a"], "untenanted": false },
    });
    let triage =
        json!({ "result": "Breach", "reasons": "nobody has agreed to it", "by": "data protection", "at": at(60) });
    let report = json!({ "name": "first", "stage": "FirstStatus", "sentAt": at(90) });
    let decision = json!({
        "schema": DecisionRecord::SCHEMA, "at": at(91), "subject": subject, "edge": judgment.edge,
        "decisions": [
            { "what": "triage", "by": "data protection" }, { "what": "report-sent", "name": "first", "by": null },
        ],
        "written": {
            "agreementRef": { "name": judgment.edge.agreement.name }, "firstAwareness": at(2), "discoveredBy": "Alert",
            "nature": { "codes": codes, "summary": "traffic to a stranger" }, "triage": triage, "reports": [report],
        },
    });
    let draft = json!({
        "schema": DraftRecord::SCHEMA, "at": at(3), "subject": subject, "edge": judgment.edge,
        "name": "D13-first-status.en.md", "text": "# First status message\n\nTo be completed and sent.\n",
    });
    vec![
        (RecordKind::Incident, as_written::<IncidentRecord>(incident)),
        (RecordKind::Draft, as_written::<DraftRecord>(draft)),
        (RecordKind::Decision, as_written::<DecisionRecord>(decision)),
    ]
}

/// Every kind that is appended as such, but observations.
fn records() -> (Vec<String>, Vec<(RecordKind, String)>) {
    let (observations, judgments) = watched();
    let read: Vec<JudgmentRecord> = judgments.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let worst = read.iter().max_by_key(|judgment| judgment.verdict.outcome()).unwrap();
    let rollup = RollupRecord::new(worst.edge.clone(), worst.interval, worst.traffic, worst.verdict.outcome());
    let gap = Gap {
        schema: Gap::SCHEMA.to_owned(),
        cluster: "local".to_owned(),
        node: "node-3".to_owned(),
        from: at(-30),
        to: Some(at(-10)),
        why: GapCause::AgentSilent.into(),
    };
    // What later work writes has no body yet.
    let later = r#"{"schema":"landfall.golden/v1"}"#.to_owned();
    let mut records: Vec<_> = judgments.into_iter().map(|body| (RecordKind::Judgment, body)).collect();
    records.push((RecordKind::Rollup, serde_json::to_string(&rollup).unwrap()));
    records.extend(of_incident(worst));
    records.push((RecordKind::Notice, later.clone()));
    records.push((RecordKind::Playbook, later));
    records.push((RecordKind::Gap, serde_json::to_string(&gap).unwrap()));
    (observations, records)
}

/// Makes the ledger; the same at every time, on every machine.
fn make(folder: &Path) {
    let (observations, records) = records();
    // Data that would expire is kept for as long as there are tests.
    let forever = SignedDuration::from_hours(100 * 366 * 24);
    let settings = Settings { keep_windows: forever, keep_people: forever, ..Settings::default() };
    let mut ledger = Ledger::open_with(folder, signer(0), 1, settings).unwrap();
    let source = Source { cluster: "local".to_owned(), agent: "watch".to_owned(), epoch: 0 };
    let numbered: Vec<(u64, &[u8])> = (0..).zip(observations.iter().map(String::as_bytes)).collect();
    ledger.take(&source, &numbered, at(0)).unwrap();
    let new: Vec<_> =
        records.iter().map(|(kind, body)| NewRecord { kind: *kind, at: at(1), body: body.as_bytes() }).collect();
    ledger.append(&new).unwrap();
    ledger.rotate_key(signer(1), KeyChangeReason::Superseded, at(120)).unwrap();
    let hold = Hold {
        name: "LG-12-2026".to_owned(),
        classes: [Class::People].into(),
        until: None,
        reason: "claim of a data subject, Art. 82 GDPR".to_owned(),
        by: Some("legal department".to_owned()),
    };
    ledger.set_hold(hold, at(180)).unwrap();
    let judged: Vec<_> = new.iter().filter(|record| record.kind == RecordKind::Judgment).copied().collect();
    ledger.append(&judged[..1]).unwrap();
    while ledger.seal(at(181)).unwrap().is_some() {}
}

/// The folder as an auditor gets it, without the database.
fn create(golden: &Path) {
    let made = tempfile::tempdir().unwrap();
    make(made.path());
    fs::create_dir_all(golden.join("segments")).unwrap();
    for entry in fs::read_dir(made.path().join("segments")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, golden.join("segments").join(path.file_name().unwrap())).unwrap();
    }
    fs::copy(made.path().join("public-key.pem"), golden.join("public-key.pem")).unwrap();
    fs::write(golden.join("first-key.pem"), signer(0).public().to_pem()).unwrap();
    let exported = ledger("export", golden, &[]);
    assert_eq!(exported.status, 0, "{}", exported.stderr);
    fs::write(golden.join("records.ndjson"), exported.stdout).unwrap();
}

#[test]
fn every_golden_ledger_is_verified_and_exported_as_it_was() {
    golden();
    for folder in fs::read_dir(all_golden()).unwrap().map(|entry| entry.unwrap().path()) {
        let first = folder.join("first-key.pem");
        let verified = ledger("verify", &folder, &["--public-key", first.to_str().unwrap()]);
        assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
        let exported = ledger("export", &folder, &[]);
        assert_eq!(exported.stdout, fs::read_to_string(folder.join("records.ndjson")).unwrap(), "{}", folder.display());
    }
}

#[test]
fn the_golden_ledger_is_verified_listed_and_shown() {
    let folder = golden();
    let first = folder.join("first-key.pem");
    for key in [&[][..], &["--public-key", first.to_str().unwrap()]] {
        let verified = ledger("verify", &folder, &[&["-o", "json"], key].concat());
        assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
        let summary = &verified.json()[0];
        let ids: Vec<_> = [0, 1].map(|number| signer(number).public().id().to_string()).into();
        assert_eq!((&summary["findings"], &summary["keys"]), (&json!(0), &json!(ids)));

        let exported = ledger("export", &folder, key);
        assert_eq!(exported.status, 0, "{}", exported.stderr);
        assert_eq!(exported.stdout, fs::read_to_string(folder.join("records.ndjson")).unwrap());
        let kinds: Vec<_> = exported.json().iter().map(|record| record["kind"].as_str().unwrap().to_owned()).collect();
        for kind in RecordKind::ALL {
            assert!(kinds.iter().any(|known| known == kind.name()), "{kind} is missing in {kinds:?}");
        }

        let shown = ledger("show", &folder, &[&["-o", "json"], key].concat());
        assert_eq!(shown.status, 0, "{}", shown.stderr);
        assert!(shown.json().iter().any(|edge| edge["worst"] == "Unlawful"), "{}", shown.stdout);
        for count in ["4 observations, ", "incident 1", "key-change 1", "decision 2"] {
            assert!(shown.stderr.contains(count), "expected {count:?} in {}", shown.stderr);
        }
        let holds = ledger("holds", &folder, &[&["-o", "json"], key].concat());
        assert_eq!(holds.json()[0]["name"], "LG-12-2026");
    }
    let text = ledger("verify", &folder, &[]);
    assert!(
        text.stdout.contains("signed with the keys ") && text.stdout.contains("one after the other"),
        "{}",
        text.stdout
    );
}

/// What was judged is data: sentences are made when it is read, in the reader's language.
#[test]
fn the_golden_ledger_is_read_in_english_and_in_german() {
    let folder = golden();
    let judgments = ledger("export", &folder, &["--kind", "judgment", "--body"]);
    assert!(judgments.stdout.contains(r#""says":{"code":"#) && !judgments.stdout.contains(r#""text":"#));
    let told = |more: &[&str]| {
        let shown = ledger("show", &folder, &[&["--explain"], more].concat());
        assert_eq!(shown.status, 0, "{}", shown.stderr);
        shown.stdout
    };
    insta::assert_snapshot!("golden_ledger_in_english", told(&[]));
    insta::assert_snapshot!("golden_ledger_in_german", told(&["de"]));
    let printed = &ledger("show", &folder, &["-o", "json", "--explain", "de"]).json()[0];
    assert!(printed["explanation"][0].as_str().unwrap().contains("sendet an"), "{printed}");
}

/// A change of what the operator writes is seen here, and a golden ledger is added beside those that are frozen.
#[test]
fn the_golden_ledger_is_what_is_written_today() {
    let made = tempfile::tempdir().unwrap();
    make(made.path());
    let exported = ledger("export", made.path(), &[]);
    assert_eq!(exported.status, 0, "{}", exported.stderr);
    let golden = fs::read_to_string(golden().join("records.ndjson")).unwrap();
    let differs = std::iter::zip(exported.stdout.lines(), golden.lines()).find(|(made, golden)| made != golden);
    assert_eq!(
        differs, None,
        "what is written has changed: give LATEST a new name, then LANDFALL_UPDATE=1 cargo test --workspace --test integration -- golden_ledger"
    );
    assert_eq!(exported.stdout.lines().count(), golden.lines().count());
}
