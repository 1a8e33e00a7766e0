//! Every kind of tampering on a real sealed ledger, and the exact answer to it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tempfile::TempDir;

use super::{Fault, Finding, verify, verify_against};
use crate::{
    Digest, Head, Ledger, Manifest, NotedHead, SignedManifest, Signer,
    ledger::tests::{at, clean, judgment, seal_all, signer, small, take},
};

/// Segments 1 and 2 with raw windows, 3 with judgments, then again 4 to 6.
fn ledger() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..2_u64 {
        let mut ledger = Ledger::open_with(folder.path(), signer(), round, small()).unwrap();
        take(&mut ledger, round * 10..round * 10 + 10, at(0));
        let bodies: Vec<_> = (0..5).map(|number| format!(r#"{{"judged":{number}}}"#)).collect();
        let judgments: Vec<_> = bodies.iter().map(|body| judgment(at(0), body)).collect();
        ledger.append(&judgments).unwrap();
        seal_all(&mut ledger, at(1));
    }
    assert_eq!(clean(folder.path(), at(2)).segments, 6);
    folder
}

fn file(folder: &TempDir, number: u64, suffix: &str) -> PathBuf {
    let class = if number.is_multiple_of(3) { "lasting" } else { "windows" };
    folder.path().join(format!("segments/{number:08}-{class}.{suffix}"))
}

/// Rewrites the lines of a segment as somebody who tampers with it would.
fn edit(folder: &TempDir, number: u64, edit: impl FnOnce(&mut Vec<String>)) {
    let path = file(folder, number, "ndjson.zst");
    let text = zstd::decode_all(fs::read(&path).unwrap().as_slice()).unwrap();
    let mut lines: Vec<String> = String::from_utf8(text).unwrap().lines().map(str::to_owned).collect();
    edit(&mut lines);
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    fs::write(&path, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
}

/// Rewrites a segment's manifest, with a new signature.
fn sign(folder: &TempDir, number: u64, signer: &Signer, edit: impl FnOnce(&mut Manifest)) {
    let path = file(folder, number, "manifest.json");
    let mut manifest = SignedManifest::parse(&fs::read(&path).unwrap()).unwrap().manifest;
    edit(&mut manifest);
    fs::write(&path, manifest.sign(signer).to_bytes()).unwrap();
}

fn findings_at(folder: &Path, now: Timestamp) -> Vec<Finding> {
    verify(folder, &signer().public(), now).unwrap().findings
}

/// What is found, each as segment, record and fault.
fn findings(folder: &TempDir) -> Vec<(u64, Option<u64>, Fault)> {
    findings_at(folder.path(), at(2)).into_iter().map(|found| (found.segment, found.record, found.fault)).collect()
}

#[test]
fn a_changed_record_is_named() {
    let folder = ledger();
    edit(&folder, 2, |lines| lines[3] = lines[3].replace(r#"{"seen":8}"#, r#"{"seen":9}"#));
    assert_eq!(findings(&folder), [(2, Some(3), Fault::RecordChanged)]);
    let texts: Vec<_> = findings_at(folder.path(), at(2)).iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["segments/00000002-windows.ndjson.zst: segment 2, record 3: the record was changed"]);
}

#[test]
fn a_dropped_record_is_named() {
    let folder = ledger();
    edit(&folder, 3, |lines| drop(lines.remove(1)));
    assert_eq!(findings(&folder), [(3, Some(1), Fault::RecordDropped)]);
    let folder = ledger();
    edit(&folder, 1, |lines| drop(lines.pop()));
    assert_eq!(findings(&folder), [(1, Some(4), Fault::RecordDropped)]);
}

#[test]
fn reordered_records_are_named() {
    let folder = ledger();
    edit(&folder, 4, |lines| lines.swap(1, 3));
    assert_eq!(findings(&folder), [(4, Some(1), Fault::RecordReordered)]);
}

#[test]
fn an_inserted_record_is_named() {
    let folder = ledger();
    edit(&folder, 5, |lines| lines.insert(2, lines[0].replace("seen", "made")));
    assert_eq!(findings(&folder), [(5, Some(2), Fault::RecordInserted)]);
    let folder = ledger();
    edit(&folder, 5, |lines| lines.push(lines[0].clone()));
    assert_eq!(findings(&folder), [(5, Some(5), Fault::RecordInserted)]);
}

#[test]
fn several_findings_come_in_their_order() {
    let folder = ledger();
    edit(&folder, 6, |lines| lines[0].push(' '));
    edit(&folder, 1, |lines| lines.swap(0, 1));
    assert_eq!(findings(&folder), [(1, Some(0), Fault::RecordReordered), (6, Some(0), Fault::RecordChanged)]);
}

#[test]
fn damaged_data_is_named_where_it_begins() {
    let folder = ledger();
    let path = file(&folder, 2, "ndjson.zst");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let found = findings(&folder);
    assert!(matches!(found.as_slice(), [(2, Some(_), Fault::DataUnreadable { .. })]), "{found:?}");
    fs::write(&path, b"").unwrap();
    let found = findings(&folder);
    assert!(matches!(found.as_slice(), [(2, Some(0), Fault::DataUnreadable { .. })]), "{found:?}");
}

#[test]
fn data_that_was_only_written_anew_is_told() {
    let folder = ledger();
    edit(&folder, 2, |_| {});
    assert_eq!(findings(&folder), [(2, None, Fault::DataRewritten)]);
}

#[test]
fn without_leaves_the_root_still_tells() {
    let folder = ledger();
    let leaves = file(&folder, 2, "leaves");
    let mut bytes = fs::read(&leaves).unwrap();
    bytes[0] ^= 1;
    fs::write(&leaves, bytes).unwrap();
    assert_eq!(findings(&folder), [(2, None, Fault::LeavesChanged)]);
    fs::remove_file(&leaves).unwrap();
    edit(&folder, 2, |lines| lines[0].push(' '));
    assert_eq!(findings(&folder), [(2, None, Fault::RecordsDiffer), (2, None, Fault::LeavesChanged)]);
}

#[test]
fn a_missing_segment_manifest_or_data_is_told_apart() {
    let folder = ledger();
    fs::remove_file(file(&folder, 3, "ndjson.zst")).unwrap();
    fs::remove_file(file(&folder, 2, "manifest.json")).unwrap();
    for suffix in ["ndjson.zst", "leaves", "manifest.json"] {
        fs::remove_file(file(&folder, 5, suffix)).unwrap();
    }
    let expected = [(2, None, Fault::ManifestMissing), (3, None, Fault::DataMissing), (5, None, Fault::SegmentMissing)];
    assert_eq!(findings(&folder), expected);
}

#[test]
fn a_missing_end_is_seen_by_the_database() {
    let folder = ledger();
    for suffix in ["ndjson.zst", "leaves", "manifest.json"] {
        fs::remove_file(file(&folder, 6, suffix)).unwrap();
    }
    assert_eq!(findings(&folder), [(6, None, Fault::SegmentMissing)]);
}

#[test]
fn data_may_be_absent_only_when_its_time_is_over() {
    let folder = ledger();
    fs::remove_file(file(&folder, 1, "ndjson.zst")).unwrap();
    let keep_until = at(1 + 7 * 24 * 3600);
    assert_eq!(findings(&folder), [(1, None, Fault::DataAbsentEarly { keep_until })]);
    assert_eq!(findings_at(folder.path(), keep_until), []);
}

#[test]
fn a_changed_manifest_is_told_from_a_foreign_one() {
    let folder = ledger();
    let path = file(&folder, 2, "manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(r#""records":5"#, r#""records":4"#)).unwrap();
    let why = || "the signature does not fit".to_owned();
    assert_eq!(findings(&folder), [(2, None, Fault::ManifestChanged { why: why() })]);

    let stranger = Signer::generate().unwrap();
    fs::write(&path, &text).unwrap();
    sign(&folder, 2, &stranger, |manifest| manifest.key_id = stranger.public().id());
    let (key_id, expected) = (stranger.public().id().to_string(), signer().public().id().to_string());
    assert_eq!(findings(&folder), [(2, None, Fault::SignatureForeign { key_id, expected })]);

    // One that claims to be ours.
    fs::write(&path, &text).unwrap();
    sign(&folder, 2, &stranger, |_| {});
    assert_eq!(findings(&folder), [(2, None, Fault::ManifestChanged { why: why() })]);

    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let why = "expected two lines, a manifest and its signature".to_owned();
    assert_eq!(findings(&folder), [(2, None, Fault::ManifestChanged { why })]);
}

#[test]
fn a_whole_ledger_of_another_key_is_foreign_from_the_first_segment_on() {
    let folder = ledger();
    let report = verify(folder.path(), &Signer::generate().unwrap().public(), at(2)).unwrap();
    let foreign = |finding: &Finding| matches!(finding.fault, Fault::SignatureForeign { .. });
    // Six segments, and the tail.
    assert!(report.findings.len() == 7 && report.findings.iter().all(foreign), "{:?}", report.findings);
    assert_eq!((report.findings[0].segment, report.head), (1, None));
}

#[test]
fn a_segment_of_another_chain_is_seen_though_our_key_signed_it() {
    let folder = ledger();
    sign(&folder, 4, &signer(), |manifest| manifest.sealed_at = at(9));
    assert_eq!(findings(&folder), [(5, None, Fault::ChainBroken)]);
    let folder = ledger();
    sign(&folder, 4, &signer(), |manifest| manifest.previous = None);
    assert_eq!(findings(&folder), [(4, None, Fault::ChainBroken), (5, None, Fault::ChainBroken)]);
}

#[test]
fn a_manifest_in_the_place_of_another_is_seen() {
    let folder = ledger();
    fs::copy(file(&folder, 1, "manifest.json"), file(&folder, 2, "manifest.json")).unwrap();
    let why = "it is that of segment 1".to_owned();
    assert_eq!(findings(&folder), [(2, None, Fault::ManifestChanged { why })]);
    let folder = ledger();
    for (number, twin) in [(2, "00000002-lasting"), (3, "00000003-windows")] {
        let twin = folder.path().join(format!("segments/{twin}.manifest.json"));
        fs::copy(file(&folder, number, "manifest.json"), twin).unwrap();
    }
    assert_eq!(findings(&folder), [(2, None, Fault::ManifestTwice), (3, None, Fault::ManifestTwice)]);
}

#[test]
fn an_epoch_that_goes_back_is_seen() {
    let folder = ledger();
    // The last one, so that the chain stays whole.
    sign(&folder, 6, &signer(), |manifest| manifest.writer_epoch = 0);
    assert_eq!(findings(&folder), [(6, None, Fault::EpochBackwards { epoch: 0, highest: 1 })]);
}

#[test]
fn findings_are_bounded() {
    let folder = ledger();
    let far = folder.path().join("segments/99999999-windows.manifest.json");
    fs::copy(file(&folder, 1, "manifest.json"), far).unwrap();
    let report = verify(folder.path(), &signer().public(), at(2)).unwrap();
    assert_eq!((report.findings.len(), report.more_findings), (100, 2));
    assert_eq!(report.findings[0].fault, Fault::SegmentMissing);
}

#[test]
fn a_damaged_database_does_not_keep_the_segments_from_being_verified() {
    let folder = ledger();
    fs::write(folder.path().join("ledger.db"), [0x5a; 9000]).unwrap();
    let report = verify(folder.path(), &signer().public(), at(2)).unwrap();
    assert_eq!((report.records, report.not_yet_sealed, report.findings.len()), (30, None, 0));
    assert!(report.database.is_some_and(|why| why.contains("ledger.db")));
}

fn head(folder: &TempDir) -> Head {
    clean(folder.path(), at(2)).head.unwrap()
}

/// What is found with these heads noted.
fn found_against(folder: &TempDir, noted: &[NotedHead]) -> Vec<(u64, Fault)> {
    let report = verify_against(folder.path(), &signer().public(), at(2), noted).unwrap();
    report.findings.into_iter().map(|found| (found.segment, found.fault)).collect()
}

/// Removes the end of the ledger from a segment on, and with it what else knows of it.
fn cut_off(folder: &TempDir, from: u64) {
    for number in from..=6 {
        for suffix in ["ndjson.zst", "leaves", "manifest.json"] {
            fs::remove_file(file(folder, number, suffix)).unwrap();
        }
    }
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
}

#[test]
fn an_end_that_was_cut_off_with_the_database_is_seen_by_a_noted_head() {
    let folder = ledger();
    let noted = head(&folder);
    assert_eq!((noted.number, noted.records), (6, 30));
    assert_eq!(found_against(&folder, &[noted.into()]), []);
    cut_off(&folder, 5);
    assert_eq!(findings(&folder), [], "the folder alone does not tell");
    let earlier = head(&folder);
    let missing = |records| (6, Fault::EndMissing { last: 4, segments: 2, records });
    assert_eq!(found_against(&folder, &[earlier.into(), noted.into()]), [missing(Some(10))]);
    assert_eq!(found_against(&folder, &[NotedHead { records: None, ..noted.into() }]), [missing(None)]);
    assert_eq!(found_against(&folder, &[earlier.into()]), []);
    let report = verify_against(folder.path(), &signer().public(), at(2), &[noted.into()]).unwrap();
    let texts: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    let expected = "segments: segment 6: the noted head is missing: the ledger ends with segment 4, 2 more with 10 \
                    records are missing";
    assert_eq!(texts, [expected]);
}

#[test]
fn another_history_under_the_same_key_is_seen_by_a_noted_head() {
    let folder = ledger();
    let noted = head(&folder);
    sign(&folder, 6, &signer(), |manifest| manifest.sealed_at = at(9));
    assert_eq!(findings(&folder), [], "the folder alone does not tell");
    let found = head(&folder).hash;
    assert_eq!(found_against(&folder, &[noted.into()]), [(6, Fault::HeadDiffers { noted: noted.hash, found })]);
}

#[test]
fn an_earlier_head_verifies_and_a_wrong_one_does_not() {
    let folder = ledger();
    let third = SignedManifest::parse(&fs::read(file(&folder, 3, "manifest.json")).unwrap()).unwrap();
    let noted = Head { number: 3, records: 15, hash: third.hash };
    assert_eq!(found_against(&folder, &[noted.into()]), []);
    let mistyped = Head { records: 16, ..noted };
    assert_eq!(found_against(&folder, &[mistyped.into()]), [(3, Fault::HeadCountDiffers { noted: 16, found: 15 })]);
    let foreign = Head { hash: Digest::hash(b"another"), ..noted };
    let differs = Fault::HeadDiffers { noted: foreign.hash, found: third.hash };
    assert_eq!(found_against(&folder, &[foreign.into(), noted.into()]), [(3, differs)]);
    // If the noted manifest is missing, only that is reported.
    fs::remove_file(file(&folder, 3, "manifest.json")).unwrap();
    assert_eq!(found_against(&folder, &[noted.into()]), [(3, Fault::ManifestMissing)]);
}
