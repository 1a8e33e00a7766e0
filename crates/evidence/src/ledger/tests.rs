mod appending;
mod classes;
mod damage;
mod full_disk;
mod golden;
mod holds;
mod kill;
mod rotation;
mod sealing;
mod tail;

use std::path::Path;

use jiff::Timestamp;

use crate::{Ledger, NewRecord, Reader, Record, RecordKind, Report, Settings, Signer, Source, verify};

/// A key that is the same in every process.
pub(crate) fn signer() -> Signer {
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    Signer::from_pem(PEM).unwrap()
}

/// Segments of five records.
pub(crate) fn small() -> Settings {
    Settings { segment_records: 5, ..Settings::default() }
}

pub(crate) fn open(folder: &Path) -> Ledger {
    Ledger::open_with(folder, signer(), 0, small()).unwrap()
}

/// So many seconds into the test.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

pub(crate) fn source() -> Source {
    Source { cluster: "local".to_owned(), agent: "node-1".to_owned(), epoch: 1 }
}

/// Takes observations with these numbers in.
pub(crate) fn take(ledger: &mut Ledger, numbers: std::ops::Range<u64>, at: Timestamp) -> crate::BatchOutcome {
    let bodies: Vec<(u64, String)> = numbers.map(|seq| (seq, format!(r#"{{"seen":{seq}}}"#))).collect();
    let observations: Vec<(u64, &[u8])> = bodies.iter().map(|(seq, body)| (*seq, body.as_bytes())).collect();
    ledger.take(&source(), &observations, at).unwrap()
}

pub(crate) fn judgment(at: Timestamp, body: &str) -> NewRecord<'_> {
    NewRecord { kind: RecordKind::Judgment, at, body: body.as_bytes() }
}

pub(crate) fn seal_all(ledger: &mut Ledger, now: Timestamp) {
    while ledger.seal(now).unwrap().is_some() {}
}

pub(crate) fn records(folder: &Path) -> Vec<Record> {
    Reader::open(folder).unwrap().map(Result::unwrap).collect()
}

/// The numbers of the observations, in order.
pub(crate) fn numbers(folder: &Path) -> Vec<u64> {
    records(folder).into_iter().filter_map(|record| Some(record.origin?.seq)).collect()
}

/// Verifies and expects nothing to be wrong.
pub(crate) fn clean(folder: &Path, now: Timestamp) -> Report {
    let report = verify(folder, &signer().public(), now).unwrap();
    assert_eq!((&report.findings, &report.database), (&Vec::new(), &None));
    report
}
