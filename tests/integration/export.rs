//! `landfall ledger export --format parquet`, read by DuckDB: the queries of docs/export.md as they stand there.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::{Run, binary, landfall, path, root, watch_all};

/// Runs statements and prints their rows.
const READER: &str = include_str!("export/query.py");

fn duckdb() -> Option<PathBuf> {
    let python = env::var_os("LANDFALL_DUCKDB_PYTHON").map(PathBuf::from);
    if python.is_none() {
        assert!(env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "LANDFALL_DUCKDB_PYTHON is not set");
        eprintln!("skipped: LANDFALL_DUCKDB_PYTHON is not set (see scripts/python.sh)");
    }
    python
}

/// The rows of each statement.
fn query(python: &Path, folder: &Path, statements: &str) -> Vec<Vec<Value>> {
    let script = folder.join("statements.sql");
    fs::write(&script, statements).unwrap();
    let run =
        Command::new(python).args(["-c", READER]).arg(folder).stdin(fs::File::open(&script).unwrap()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The blocks of SQL of the page, in order.
fn documented() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/export.md")).unwrap();
    let blocks = page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

fn ledger(command: &str, folder: &Path, more: &[&str]) -> Run {
    landfall(["ledger", command, folder.to_str().unwrap()].iter().chain(more))
}

fn export(ledger_folder: &Path, to: &Path, more: &[&str]) -> Run {
    let arguments = ["--format", "parquet", "--to", to.to_str().unwrap()];
    ledger("export", ledger_folder, &[&arguments, more].concat())
}

/// Ledgers of three clusters: two that watched the recorded captures, and the golden one, which has roll-ups.
fn ledgers(folder: &Path) -> Vec<PathBuf> {
    let watched = ["berlin", "dublin"].map(|cluster| {
        let ledger = folder.join(cluster);
        let mut arguments = watch_all();
        arguments.extend(["-o", "json", "--cluster", cluster, "--ledger", ledger.to_str().unwrap()].map(str::to_owned));
        let run = landfall(arguments);
        assert_eq!(run.status, 0, "{}", run.stderr);
        ledger
    });
    watched.into_iter().chain([PathBuf::from(path("crates/evidence/testdata/golden/v1"))]).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A judgment or roll-up of the other format.
struct Judged<'a> {
    body: &'a Value,
    edge: String,
}

impl<'a> Judged<'a> {
    fn new(record: &'a Value) -> Self {
        let body = &record["body"];
        let edge = ["cluster", "agreement", "exporter", "recipient", "endpoint"].map(|key| body[key].to_string());
        Self { body, edge: edge.join(" ") }
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

#[test]
fn the_documented_queries_run_over_several_clusters() {
    let Some(python) = duckdb() else { return };
    let folder = tempfile::tempdir().unwrap();
    let ledgers = ledgers(folder.path());
    let evidence = folder.path().join("evidence");
    for ledger in &ledgers {
        // Twice: nothing is doubled.
        for _ in 0..2 {
            let run = export(ledger, &evidence, &[]);
            assert_eq!(run.status, 0, "{}", run.stderr);
        }
    }
    let answers = query(&python, folder.path(), &documented().concat());
    let [traffic, unlawful, categories] = &answers[..] else { panic!("three answers were expected: {answers:?}") };
    let records: Vec<Value> =
        ledgers.iter().flat_map(|folder| ledger("export", folder, &["--kind", "judgment,rollup"]).json()).collect();
    let judged: Vec<_> = records.iter().map(Judged::new).collect();
    let judgments = || judged.iter().filter(|record| !record.body["verdict"].is_null());
    assert!(judgments().count() < judged.len(), "no roll-up");
    let clusters: BTreeSet<String> = judged.iter().map(|record| text(&record.body["cluster"])).collect();
    assert_eq!(clusters, ["berlin", "dublin", "local"].map(str::to_owned).into());

    println!("recipient, place, month, bytes sent: {} rows, such as {}", traffic.len(), traffic[0]);
    let mut expected: BTreeMap<[String; 3], u64> = BTreeMap::new();
    let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Judged { body, edge } in &judged {
        if let Some(places) = body.pointer("/verdict/location/jurisdictions") {
            known.insert(edge, texts(places));
        }
        if body["rejudged"] == true {
            continue;
        }
        let places = known.get(&**edge).cloned().filter(|places| !places.is_empty());
        for place in places.unwrap_or_else(|| vec!["unknown".to_owned()]) {
            let month = text(&body["interval"]["from"])[..7].to_owned();
            *expected.entry([text(&body["recipient"]), place, month]).or_default() +=
                body["bytesSent"].as_u64().unwrap();
        }
    }
    let row =
        |row: &Value| (["recipient", "place", "month"].map(|key| text(&row[key])), row["bytes_sent"].as_u64().unwrap());
    assert_eq!(traffic.iter().map(row).collect::<BTreeMap<_, _>>(), expected);
    assert_eq!(traffic.len(), expected.len());

    println!("unlawful: {} rows, such as {}", unlawful.len(), unlawful[0]);
    let latest: BTreeMap<&str, &Value> = judgments().map(|record| (&*record.edge, record.body)).collect();
    let mut expected: Vec<String> = latest
        .values()
        .filter(|body| body["verdict"]["outcome"] == "Unlawful")
        .map(|body| {
            let reasons = body["verdict"]["reasons"].as_array().unwrap();
            let why =
                reasons.iter().filter(|reason| reason["effect"] == "Unlawful").map(|reason| text(&reason["code"]));
            let name = body.pointer("/exporter/workload/name").unwrap();
            format!("{} {name} {} {:?}", body["cluster"], body["recipient"], why.collect::<Vec<_>>())
        })
        .collect();
    let row = |row: &Value| {
        format!("{} {} {} {:?}", row["cluster"], row["exporter_name"], row["recipient"], texts(&row["why"]))
    };
    let mut found: Vec<String> = unlawful.iter().map(row).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert!(found.len() >= 16, "{found:?}");

    println!("categories: {} rows, such as {}", categories.len(), categories[0]);
    let mut expected: BTreeMap<[String; 3], BTreeSet<String>> = BTreeMap::new();
    for Judged { body, .. } in judgments() {
        let known = &body["verdict"]["categories"];
        for category in texts(&known["categories"]) {
            let key = [text(&body["recipient"]), category, text(&known["rung"])];
            expected.entry(key).or_default().insert(text(&body["cluster"]));
        }
    }
    let row =
        |row: &Value| (["recipient", "category", "rung"].map(|key| text(&row[key])), row["clusters"].as_u64().unwrap());
    let found: BTreeMap<_, _> = categories.iter().map(row).collect();
    assert_eq!(found, expected.into_iter().map(|(key, clusters)| (key, clusters.len() as u64)).collect());
}

#[test]
fn the_tables_hold_every_sealed_record_byte_for_byte() {
    let Some(python) = duckdb() else { return };
    let folder = tempfile::tempdir().unwrap();
    let golden = PathBuf::from(path("crates/evidence/testdata/golden/v1"));
    let run = export(&golden, &folder.path().join("evidence"), &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let rows = query(
        &python,
        folder.path(),
        "SELECT record, body FROM read_parquet('evidence/*/*.parquet', union_by_name = true) ORDER BY record",
    );
    let bodies: Vec<(u64, String)> =
        rows[0].iter().map(|row| (row["record"].as_u64().unwrap(), text(&row["body"]))).collect();
    let expected: Vec<(u64, String)> = ledger("export", &golden, &[])
        .json()
        .iter()
        .zip(ledger("export", &golden, &["--body"]).stdout.lines())
        .map(|(record, body)| (record["id"].as_u64().unwrap(), body.to_owned()))
        .collect();
    assert_eq!(bodies, expected);
    assert!(bodies.len() >= 19, "{bodies:?}");
}

#[test]
fn a_changed_ledger_is_not_exported_and_a_wrong_request_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let golden = PathBuf::from(path("crates/evidence/testdata/golden/v1"));
    let copy = folder.path().join("copy");
    fs::create_dir_all(copy.join("segments")).unwrap();
    for from in ["public-key.pem", "first-key.pem"] {
        fs::copy(golden.join(from), copy.join(from)).unwrap();
    }
    for entry in fs::read_dir(golden.join("segments")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join("segments").join(entry.file_name())).unwrap();
    }
    let data = copy.join("segments/00000002-lasting.ndjson.zst");
    let mut bytes = fs::read(&data).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&data, bytes).unwrap();
    let to = folder.path().join("evidence");
    let run = export(&copy, &to, &[]);
    assert_eq!((run.status, to.exists()), (1, false), "{}", run.stderr);
    assert!(run.stderr.contains("00000002"), "{}", run.stderr);

    let run = export(&copy, &to, &["--unverified", "--kind", "draft"]);
    assert_eq!(run.status, 0, "{}", run.stderr);

    let run = export(&golden, &to, &["--body"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--body does not go with --format parquet"), "{}", run.stderr);
    let run = export(&copy, &copy.join("evidence"), &[]);
    assert_eq!((run.status, copy.join("evidence").exists()), (2, false));
    assert!(run.stderr.contains("lies in the folder of the ledger"), "{}", run.stderr);
    let run = ledger("export", &golden, &["--format", "parquet"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--to"), "{}", run.stderr);
    let run = export(&golden, Path::new("/proc/nothing"), &[]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("/proc/nothing"), "{}", run.stderr);
}

#[test]
fn a_full_disk_is_named_and_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    // Each file takes one or two pages of 4 KiB; not all find room.
    let mount = r#"mount -t tmpfs -o size=64k none "$1" || exit 77; shift; "$@"; echo "status $?"; cd "$OUT"
        find . -name '*.unfinished'; find . -name '*.parquet' | while read -r file; do tail -c 4 "$file"; echo " $file"; done"#;
    let run = Command::new("unshare")
        .args(["-m", "sh", "-c", mount, "sh"])
        .arg(folder.path())
        .arg(binary())
        .args(["ledger", "export", &path("crates/evidence/testdata/golden/v1"), "--format", "parquet", "--to"])
        .arg(folder.path())
        .env("OUT", folder.path())
        .output();
    let Some(run) = run.ok().filter(|run| run.status.success()) else {
        assert!(env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "mounting a tmpfs needs root");
        println!("skipped: mounting a tmpfs needs root");
        return;
    };
    let [stdout, stderr] = [run.stdout, run.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(stderr.contains("no space left on the disk; free some and export again"), "{stderr}");
    let (status, files) = stdout.split_once('\n').unwrap();
    assert_eq!(status, "status 2", "{stderr}");
    assert!(files.lines().count() > 2 && files.lines().all(|file| file.starts_with("PAR1 ")), "{files}");
}
