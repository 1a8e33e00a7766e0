use std::fs::{self, File};

use jiff::SignedDuration;
use landfall_evidence::{Class, Ledger, NewRecord, Record, Recorded, Signer};
use parquet::{
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
    record::{Row as ReadRow, RowAccessor as _},
};
use tempfile::TempDir;

use super::*;

const ALWAYS: Range<Timestamp> = Timestamp::MIN..Timestamp::MAX;

fn at(hours: i64) -> Timestamp {
    "2026-11-23T12:00:00.5Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn read(path: &Path) -> Vec<ReadRow> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

fn value(row: &ReadRow, column: &str) -> String {
    row.get_column_iter().find(|(name, _)| *name == column).unwrap().1.to_string()
}

fn files(folder: &Path, table: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(table)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_body_is_taken_apart_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target {
        folder: folder.path().to_owned(),
        cluster: "one/two".to_owned(),
        prefix: file_name("one/two"),
        ledger: "a".to_owned(),
    };
    let body = r#"{ "schema":"landfall.judgment/v1","cluster":"three","bytesSent":7,"interval":{"from":"2026-11-23T07:35:18.901466488Z"},"verdict":{"outcome":"Unlawful","reasons":[{"code":"NoBasis","effect":"Unlawful"},{"code":"Later","article":"Art. 44"}],"bases":[]}}"#;
    let record =
        |kind: Recorded<RecordKind>, body: &str| Record { id: 5, at: at(0), kind, origin: None, body: body.to_owned() };
    let day = Day { class: Class::Lasting, date: "2026-11-23".parse().unwrap() };
    let write = |record: &Record| {
        let table = Table::of(&record.kind);
        let path = target.path(table, day);
        let mut file = TableFile::create(table, &path, &target.provenance(&[2].into())).unwrap().unwrap();
        file.push(&Row::new(record, 2, "ledger", true)).unwrap();
        file.finish().unwrap();
        read(&path).remove(0)
    };
    let row = write(&record(RecordKind::Judgment.into(), body));
    let expected = [
        ("cluster", "\"three\""),
        ("segment", "2"),
        ("record", "5"),
        ("bytes_sent", "7"),
        ("bytes_received", "null"),
        ("outcome", "\"Unlawful\""),
        ("reasons", r#"["NoBasis", "Later"]"#),
        ("reason_effects", r#"["Unlawful", null]"#),
        ("reason_articles", r#"[null, "Art. 44"]"#),
        ("bases", "[]"),
        ("missing", "null"),
        ("verified", "true"),
        ("body", &format!("\"{body}\"")),
    ];
    for (column, expected) in expected {
        assert_eq!(value(&row, column), expected, "{column}");
    }
    assert_eq!(row.get_timestamp_micros(4).unwrap(), 1_795_435_200_500_000);
    assert_eq!(files(folder.path(), "judgment"), ["one%2Ftwo-2026-11-23.parquet"]);

    // A kind of a later version, and a number that no column holds.
    let later = write(&record(Recorded::Unknown("approval".to_owned()), r#"{"by":"office","n":1e400}"#));
    let named = ["kind", "cluster", "body"].map(|column| value(&later, column));
    assert_eq!(named, [r#""approval""#, r#""ledger""#, r#""{"by":"office","n":1e400}""#]);
    assert_eq!(files(folder.path(), "other"), ["one%2Ftwo-2026-11-23-lasting.parquet"]);
}

/// A ledger with a gap sealed on each of some days.
fn ledger(hours: &[i64]) -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path(), Signer::generate().unwrap(), 0).unwrap();
    for hours in hours {
        seal(&mut ledger, *hours);
    }
    (folder, ledger)
}

fn seal(ledger: &mut Ledger, hours: i64) {
    ledger.append(&[NewRecord { kind: RecordKind::Gap, at: at(hours), body: br#"{"node":"node-1"}"# }]).unwrap();
    ledger.seal(at(hours)).unwrap();
}

fn export(ledger: &Path, to: &Path, cluster: &str) -> Result<Summary, ExportError> {
    Export::new(ledger, to, cluster, &[], &ALWAYS)?.write(true)
}

#[test]
fn a_day_is_a_file_and_what_is_exported_again_replaces_itself() {
    let (folder, mut ledger) = ledger(&[0, 1, 24]);
    let to = tempfile::tempdir().unwrap();
    let first = export(folder.path(), to.path(), "a").unwrap();
    assert_eq!((first.records, first.files), (3, 2));
    let names = ["a-2026-11-23.parquet", "a-2026-11-24.parquet", "a-columns.parquet"];
    assert_eq!(files(to.path(), "gap"), names);
    let before: Vec<_> = names.map(|name| fs::read(to.path().join("gap").join(name)).unwrap()).into();
    export(folder.path(), to.path(), "a").unwrap();
    let after: Vec<_> = names.map(|name| fs::read(to.path().join("gap").join(name)).unwrap()).into();
    assert_eq!(before, after);

    seal(&mut ledger, 25);
    ledger.append(&[NewRecord { kind: RecordKind::Gap, at: at(26), body: b"{}" }]).unwrap();
    let summary = export(folder.path(), to.path(), "a").unwrap();
    assert_eq!((summary.records, summary.files, summary.unsealed), (4, 2, 1));
    assert_eq!(files(to.path(), "gap"), names);
    assert_eq!(read(&to.path().join("gap/a-2026-11-24.parquet")).len(), 2);
    // Every table exists with its columns.
    for table in &TABLES {
        assert!(to.path().join(table.name).join("a-columns.parquet").exists(), "{}", table.name);
    }
}

#[test]
fn a_period_exports_whole_days() {
    let (folder, _ledger) = ledger(&[0, 1, 24]);
    let to = tempfile::tempdir().unwrap();
    let summary = Export::new(folder.path(), to.path(), "a", &[RecordKind::Gap], &(at(1)..at(2))).unwrap().write(true);
    assert_eq!(summary.unwrap().records, 2);
    assert_eq!(files(to.path(), "gap"), ["a-2026-11-23.parquet", "a-columns.parquet"]);
    assert!(!to.path().join("judgment").exists());
}

#[test]
fn what_has_expired_in_the_ledger_stays_in_the_export() {
    let (folder, _ledger) = ledger(&[0, 1]);
    let to = tempfile::tempdir().unwrap();
    export(folder.path(), to.path(), "a").unwrap();
    fs::remove_file(folder.path().join("segments/00000001-lasting.ndjson.zst")).unwrap();
    let summary = export(folder.path(), to.path(), "a").unwrap();
    let path = to.path().join("gap/a-2026-11-23.parquet");
    assert_eq!((summary.records, summary.kept), (0, [path.clone()].into()));
    assert_eq!(read(&path).len(), 2);
}

#[test]
fn a_file_of_another_ledger_or_of_somebody_else_is_not_replaced() {
    let ((one, _one), (two, _two)) = (ledger(&[0]), ledger(&[3]));
    let to = tempfile::tempdir().unwrap();
    export(one.path(), to.path(), "a").unwrap();
    let error = export(two.path(), to.path(), "a").unwrap_err();
    assert!(matches!(error, ExportError::OtherLedger { .. }), "{error}");
    export(two.path(), to.path(), "b").unwrap();
    assert_eq!(read(&to.path().join("gap/a-2026-11-23.parquet")).len(), 1);

    fs::write(to.path().join("gap/c-columns.parquet"), "notes").unwrap();
    let error = export(one.path(), to.path(), "c").unwrap_err();
    assert!(matches!(error, ExportError::Foreign { .. }), "{error}");
    let error = export(one.path(), &one.path().join("segments/new"), "a").unwrap_err();
    assert!(matches!(error, ExportError::InLedger { .. }), "{error}");
}

#[test]
fn a_full_disk_is_named_and_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let table = Table::of(&RecordKind::Gap.into());
    let provenance = Provenance { ledger: "a", cluster: "a", segments: &BTreeSet::new() };
    let file = TableFile::create(table, &path, &provenance).unwrap().unwrap();
    drop(file);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // As the writer passes it on.
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = ExportError::parquet(&path)(full.into());
    assert!(matches!(&error, ExportError::NoSpace(named) if *named == path), "{error}");
}

#[test]
fn clusters_of_different_names_have_different_files() {
    let names: BTreeSet<String> = ["a/b", "a%2Fb", "a b", "ä", "..", "_a", "%5Fa"].map(file_name).into();
    assert_eq!(names.len(), 7);
    for name in names {
        assert!(!name.contains('/') && !name.starts_with(['.', '_']), "{name}");
    }
    let (folder, _ledger) = ledger(&[0]);
    let error = export(folder.path(), &folder.path().with_extension("to"), &"ä".repeat(40)).unwrap_err();
    assert!(matches!(error, ExportError::LongName), "{error}");
}
