//! The golden ledgers, verified and read by this crate. tests/integration/golden_ledger.rs generates and shows them.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::at;
use crate::{Class, PublicKey, Reader, RecordKind, count_records, keys, owner, verify};

fn golden() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/golden/v1"))
}

fn key(name: &str) -> PublicKey {
    PublicKey::from_pem(&fs::read_to_string(golden().join(name)).unwrap()).unwrap()
}

#[test]
fn a_ledger_of_format_1_is_verified_and_read() {
    let lines = fs::read_to_string(golden().join("records.ndjson")).unwrap();
    let expected: Vec<_> = lines.lines().collect();
    let both = [key("first-key.pem"), key("public-key.pem")];
    for known in &both {
        let report = verify(&golden(), known, at(0)).unwrap();
        assert_eq!((report.findings, report.records), (vec![], expected.len() as u64));
        assert_eq!(keys(&golden(), known).unwrap(), both);
        let mut reader = Reader::open(&golden()).unwrap();
        assert_eq!(reader.verify(known, at(0), &[]).findings, []);
        let records: Vec<_> = reader.map(Result::unwrap).collect();
        let lines: Vec<_> =
            records.iter().map(|record| String::from_utf8(record.to_line().unwrap()).unwrap()).collect();
        assert_eq!(lines, expected);
        let kinds: BTreeSet<_> = records.iter().map(|record| *record.kind.known().unwrap()).collect();
        assert_eq!(kinds, RecordKind::ALL.into());
    }
    let people = Reader::open(&golden()).unwrap().classes(&[Class::People]);
    assert!(people.map(Result::unwrap).all(|record| record.kind.known().unwrap().class() == Class::People));
    assert_eq!(count_records(&golden()).unwrap().kinds[&RecordKind::KeyChange.into()], 1);
    assert_eq!(owner(&golden()).unwrap().unwrap().key_id, both[1].id().to_string());
}
