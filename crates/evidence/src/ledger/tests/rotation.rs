//! After a rotation another key signs, and every key of the chain verifies the whole ledger.

use std::{fs, path::Path};

use super::{at, clean, judgment, numbers, open, records, seal_all, signer, small, take};
use crate::{
    Class, Fault, Finding, KeyChange, KeyChangeReason, Ledger, LedgerError, PublicKey, Reader, RecordKind, Signer,
    files::{Folder, Part, SegmentName},
    keys, owner, verify,
};

const REASON: KeyChangeReason = KeyChangeReason::Superseded;

/// A second key that is the same in every process (RFC 8032, 7.1, test 2).
fn second() -> Signer {
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEzNCJsozT2Wnb22ljVrpO8PW47sMi7pxnV1ja/VRrbR\n-----END PRIVATE KEY-----\n";
    Signer::from_pem(PEM).unwrap()
}

fn open_second(folder: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open_with(folder, second(), 0, small())
}

/// A ledger in which the first key sealed, handed over, and the second appended.
fn rotated() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    ledger.append(&[judgment(at(0), r#"{"judged":0}"#)]).unwrap();
    ledger.rotate_key(second(), REASON, at(1)).unwrap();
    take(&mut ledger, 3..6, at(2));
    ledger.append(&[judgment(at(2), r#"{"judged":1}"#)]).unwrap();
    (folder, ledger)
}

fn findings(folder: &Path, key: &PublicKey) -> Vec<Finding> {
    verify(folder, key, at(3)).unwrap().findings
}

/// The manifest of the segment that hands over.
const HANDOVER: SegmentName = SegmentName { number: 3, class: Class::Lasting };

#[test]
fn what_was_appended_is_verified_by_either_key_and_by_no_other() {
    let (folder, mut ledger) = rotated();
    for sealed in [false, true] {
        if sealed {
            seal_all(&mut ledger, at(3));
        }
        for key in [signer().public(), second().public()] {
            let report = verify(folder.path(), &key, at(3)).unwrap();
            assert_eq!((report.findings, report.database), (vec![], None));
            assert_eq!(report.keys, [signer().public().id(), second().public().id()]);
            let mut reader = Reader::open(folder.path()).unwrap();
            assert_eq!(reader.verify(&key, at(3), &[]).findings, []);
            assert_eq!(reader.map(Result::unwrap).count(), 9);
            assert_eq!(keys(folder.path(), &key).unwrap(), [signer().public(), second().public()]);
        }
        let stranger = Signer::generate().unwrap().public();
        let found = findings(folder.path(), &stranger);
        assert!(found.iter().all(|it| matches!(it.fault, Fault::SignatureForeign { .. })), "{found:?}");
        assert!(found.len() >= 3, "{found:?}");
    }
    assert_eq!(numbers(folder.path()), [0, 1, 2, 3, 4, 5]);
    let published = fs::read_to_string(folder.path().join("public-key.pem")).unwrap();
    assert_eq!(published, second().public().to_pem());
}

#[test]
fn the_change_is_a_record_in_the_last_segment_of_the_old_key() {
    let (folder, mut ledger) = rotated();
    seal_all(&mut ledger, at(3));
    let all = records(folder.path());
    let change = all.iter().find(|record| record.kind == RecordKind::KeyChange).unwrap();
    let body: KeyChange = serde_json::from_str(&change.body).unwrap();
    assert_eq!((body.from, body.to, body.reason), (signer().public().id(), second().public().id(), REASON.into()));
    assert_eq!((change.id, body.at, body.schema.as_str()), (5, at(1), KeyChange::SCHEMA));
    let classes = [Class::Windows, Class::Lasting, Class::Lasting, Class::Windows, Class::Lasting];
    let names = (1..).zip(classes).map(|(number, class)| SegmentName { number, class });
    let manifests: Vec<_> = names.map(|name| Folder::new(folder.path()).read_manifest(name).unwrap()).collect();
    let signed: Vec<_> = manifests.iter().map(|it| it.is_signed_by(&signer().public())).collect();
    assert_eq!(signed, [true, true, true, false, false]);
    let hands_over: Vec<_> = manifests.iter().map(|it| it.manifest.key_change.is_some()).collect();
    assert_eq!(hands_over, [false, false, true, false, false]);
}

#[test]
fn after_a_change_the_old_key_writes_no_more_and_does_not_come_back() {
    let (folder, ledger) = rotated();
    drop(ledger);
    let error = Ledger::open_with(folder.path(), signer(), 0, small()).unwrap_err();
    let ids = (second().public().id().to_string(), signer().public().id().to_string());
    assert!(matches!(&error, LedgerError::KeyChanged { held, ours } if (held, ours) == (&ids.0, &ids.1)), "{error}");
    let mut ledger = open_second(folder.path()).unwrap();
    let error = ledger.rotate_key(signer(), REASON, at(3)).unwrap_err();
    assert!(matches!(error, LedgerError::KeyUsed(id) if id == signer().public().id()));
    ledger.rotate_key(second(), REASON, at(3)).unwrap();
    assert_eq!(owner(folder.path()).unwrap().unwrap().key_id, ids.0);
    take(&mut ledger, 6..7, at(3));
    let third = Signer::generate().unwrap();
    let key = third.public();
    ledger.rotate_key(third, KeyChangeReason::KeyCompromise, at(4)).unwrap();
    take(&mut ledger, 7..8, at(5));
    seal_all(&mut ledger, at(6));
    for known in [&signer().public(), &second().public(), &key] {
        assert_eq!(findings(folder.path(), known), []);
    }
    assert_eq!(numbers(folder.path()), (0..8).collect::<Vec<_>>());
}

#[test]
fn the_previous_key_hands_over_when_the_ledger_is_opened_with_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    drop(ledger);
    let opened =
        |ours: Signer, epoch| Ledger::open_after(folder.path(), ours, &signer(), epoch, small(), (REASON, at(1)));
    let error = Ledger::open_after(folder.path(), second(), &Signer::generate().unwrap(), 1, small(), (REASON, at(1)));
    assert!(matches!(error, Err(LedgerError::KeyChanged { .. })), "{error:?}");
    for epoch in 1..3 {
        let mut ledger = opened(second(), epoch).unwrap();
        assert_eq!(ledger.public_key(), second().public());
        take(&mut ledger, 0..3 + epoch, at(2));
    }
    assert_eq!(numbers(folder.path()), (0..5).collect::<Vec<_>>());
    assert_eq!(findings(folder.path(), &signer().public()), []);
    let changes = records(folder.path()).into_iter().filter(|record| record.kind == RecordKind::KeyChange).count();
    assert_eq!(changes, 1);
}

/// The folder as a process leaves it that ends between the handover and its mark in the database.
fn ended_in_between() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    ledger.append(&[judgment(at(0), r#"{"judged":0}"#)]).unwrap();
    seal_all(&mut ledger, at(1));
    drop(ledger);
    let database = folder.path().join("ledger.db");
    let before = fs::read(&database).unwrap();
    let mut ledger = open(folder.path());
    ledger.rotate_key(second(), REASON, at(1)).unwrap();
    drop(ledger);
    fs::write(&database, before).unwrap();
    for log in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(folder.path().join(log));
    }
    folder
}

#[test]
fn a_handover_that_is_in_place_counts_though_the_database_was_not_told() {
    let folder = ended_in_between();
    for key in [signer().public(), second().public()] {
        assert_eq!(findings(folder.path(), &key), []);
    }
    let error = Ledger::open_with(folder.path(), signer(), 0, small()).unwrap_err();
    assert!(matches!(error, LedgerError::KeyChanged { .. }), "{error:?}");
    let mut ledger = open_second(folder.path()).unwrap();
    assert_eq!(ledger.recovery().adopted, [3]);
    take(&mut ledger, 0..4, at(2));
    seal_all(&mut ledger, at(3));
    assert_eq!(numbers(folder.path()), [0, 1, 2, 3]);
    for key in [signer().public(), second().public()] {
        assert_eq!(findings(folder.path(), &key), []);
    }
}

#[test]
fn a_lost_database_is_rebuilt_over_a_change_of_keys_and_what_expires_is_known() {
    let (folder, mut ledger) = rotated();
    seal_all(&mut ledger, at(3));
    drop(ledger);
    fs::remove_file(folder.path().join("ledger.db")).unwrap();
    let error = Ledger::open_with(folder.path(), signer(), 0, small()).unwrap_err();
    assert!(matches!(error, LedgerError::KeyChanged { .. }), "{error:?}");
    let _ = fs::remove_file(folder.path().join("ledger.db"));
    let mut ledger = open_second(folder.path()).unwrap();
    assert_eq!(ledger.recovery().adopted, [1, 2, 3, 4, 5]);
    assert_eq!(take(&mut ledger, 0..7, at(4)).count(), 1);
    assert_eq!(findings(folder.path(), &signer().public()), []);
    // What the first key sealed expires, too.
    assert_eq!(ledger.expire(at(8 * 24 * 3600)).unwrap().segments, [1, 4]);
}

/// Rewrites the manifest that hands over.
fn forge(folder: &Path, signer: &Signer, edit: impl FnOnce(&mut crate::Manifest)) {
    let folder = Folder::new(folder);
    let mut manifest = folder.read_manifest(HANDOVER).unwrap().manifest;
    edit(&mut manifest);
    fs::write(folder.segment(HANDOVER, Part::Manifest), manifest.sign(signer).to_bytes()).unwrap();
}

#[test]
fn a_key_is_not_admitted_without_the_old_one_nor_against_its_will() {
    let attacker = Signer::generate().unwrap();
    let (first, new) = (signer().public(), second().public());
    let faults = |folder: &Path, key: &PublicKey| -> Vec<_> {
        findings(folder, key).into_iter().map(|finding| (finding.segment, finding.fault)).collect()
    };
    // Signed by somebody else.
    let (folder, mut ledger) = rotated();
    seal_all(&mut ledger, at(3));
    drop(ledger);
    forge(folder.path(), &attacker, |manifest| {
        manifest.key_change = Some(crate::Handover::new(&first, &attacker, 3, manifest.previous, manifest.root));
    });
    let found = faults(folder.path(), &first);
    assert!(matches!(found[0], (3, Fault::ManifestChanged { .. })), "{found:?}");
    assert!(found.iter().any(|(segment, fault)| *segment == 4 && matches!(fault, Fault::SignatureForeign { .. })));

    // With the stolen old key, a forged history hands over to the new key, which did not sign that handover.
    let (folder, mut ledger) = rotated();
    seal_all(&mut ledger, at(3));
    drop(ledger);
    forge(folder.path(), &signer(), |manifest| manifest.root = crate::Digest::hash(b"another"));
    let found = faults(folder.path(), &new);
    assert!(found.iter().any(|(segment, _)| *segment == 1), "to the new key nobody handed over: {found:?}");
    let found = faults(folder.path(), &first);
    assert!(found.contains(&(3, Fault::KeyChangeUnproven)), "{found:?}");

    // A forged ledger that ends with a handover to the trusted key.
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open_with(folder.path(), attacker.copy(), 0, small()).unwrap();
    take(&mut ledger, 0..3, at(0));
    ledger.append(&[judgment(at(0), "{}")]).unwrap();
    ledger.rotate_key(Signer::generate().unwrap(), REASON, at(1)).unwrap();
    drop(ledger);
    assert_eq!(faults(folder.path(), &attacker.public()), []);
    forge(folder.path(), &attacker, |manifest| {
        if let Some(handover) = &mut manifest.key_change {
            handover.to = new.clone();
        }
    });
    let found = faults(folder.path(), &new);
    assert!(matches!(found[0], (1, Fault::SignatureForeign { .. })), "{found:?}");
}

#[test]
fn a_manifest_that_hands_over_can_be_noted_and_no_bit_of_it_changed() {
    let (folder, mut ledger) = rotated();
    seal_all(&mut ledger, at(3));
    let path = Folder::new(folder.path()).segment(HANDOVER, Part::Manifest);
    let bytes = fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(!findings(folder.path(), &signer().public()).is_empty(), "byte {at}");
        assert!(!findings(folder.path(), &second().public()).is_empty(), "byte {at}");
    }
    fs::write(&path, &bytes).unwrap();
    let head = crate::NotedHead::read(&bytes, &signer().public()).unwrap();
    let report = crate::verify_against(folder.path(), &second().public(), at(3), &head).unwrap();
    assert_eq!(report.findings, []);
    clean(folder.path(), at(3));
}
