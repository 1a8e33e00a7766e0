//! Records: the lines of the ledger.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::{
    RecordKind, Recorded,
    error::{Refusal, RefusalReason},
};

/// The longest record, in bytes of its JSON.
pub const MAX_RECORD: usize = 256 * 1024;

/// The most records that one call appends for one source.
pub const MAX_BATCH_RECORDS: usize = 10_000;

/// The most bytes that one call appends for one source.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// The longest line of a segment: a record and the fields around it, names in their longest spelling.
pub(crate) const MAX_LINE: usize = MAX_RECORD + 12 * MAX_NAME + 1024;

/// The longest name of a cluster or agent.
const MAX_NAME: usize = 512;

/// One run of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent.
    pub agent: String,
    /// Rises with each start of the agent.
    pub epoch: u64,
}

/// Where an observation came from: identifies a delivery, so that it is appended once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// From whom.
    #[serde(flatten)]
    pub source: Source,
    /// Its number there.
    pub seq: u64,
}

/// A record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the order of all records, from 1.
    pub id: u64,
    /// When it was appended, by the writer's clock, in microseconds.
    pub at: Timestamp,
    /// Its kind; a later version of the program may have written one that this version does not know.
    pub kind: Recorded<RecordKind>,
    /// Where an observation came from.
    pub origin: Option<Origin>,
    /// A JSON object on one line.
    pub body: String,
}

/// A record to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRecord<'a> {
    /// Its kind; anything but an observation.
    pub kind: RecordKind,
    /// When.
    pub at: Timestamp,
    /// A JSON object on one line.
    pub body: &'a [u8],
}

/// A record as a line of a segment.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    id: u64,
    at: Timestamp,
    kind: Recorded<RecordKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(borrow)]
    body: &'a RawValue,
}

// === impl Record ===

impl Record {
    /// The line of a segment, without its newline: a leaf of the Merkle tree.
    pub fn to_line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self { id, at, kind, origin, body } = self;
        let body = serde_json::from_str(body)?;
        serde_json::to_vec(&Line { id: *id, at: *at, kind: kind.clone(), origin: origin.clone(), body })
    }

    /// Reads a line of a segment.
    pub fn from_line(line: &[u8]) -> Result<Self, serde_json::Error> {
        let Line { id, at, kind, origin, body } = serde_json::from_slice(line)?;
        Ok(Self { id, at, kind, origin, body: body.get().to_owned() })
    }
}

/// Whether `records` can be appended in one go.
pub(crate) fn check_batch<'a>(records: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<(), Refusal> {
    if records.len() > MAX_BATCH_RECORDS {
        return Err(Refusal { index: MAX_BATCH_RECORDS, reason: RefusalReason::TooMany });
    }
    let mut total = 0;
    for (index, body) in records.enumerate() {
        total += body.len();
        check_record(index, body)?;
        if total > MAX_BATCH_BYTES {
            return Err(Refusal { index, reason: RefusalReason::TooMuch });
        }
    }
    Ok(())
}

/// Whether a record can be appended.
pub(crate) fn check_record(index: usize, body: &[u8]) -> Result<(), Refusal> {
    let reason = if body.len() > MAX_RECORD {
        RefusalReason::TooLong(body.len())
    } else if !is_object_on_a_line(body) {
        RefusalReason::NotAnObject
    } else {
        return Ok(());
    };
    Err(Refusal { index, reason })
}

/// Whether the name is short enough to be written into every line.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
}

fn is_object_on_a_line(body: &[u8]) -> bool {
    body.first() == Some(&b'{')
        && body.last() == Some(&b'}')
        && !body.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        // serde_json does not check what it skips.
        && str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(body: &str) -> Record {
        let source = Source { cluster: "one".to_owned(), agent: "node-1".to_owned(), epoch: 7 };
        let at = "2026-11-23T12:00:00.5Z".parse().unwrap();
        let origin = Some(Origin { source, seq: 3 });
        Record { id: 12, at, kind: RecordKind::Observation.into(), origin, body: body.to_owned() }
    }

    #[test]
    fn a_line_keeps_the_body_byte_for_byte() {
        let record = record(r#"{ "b":1.0,"a":"ü", "c": [1e400] }"#);
        let line = record.to_line().unwrap();
        let expected = r#"{"id":12,"at":"2026-11-23T12:00:00.5Z","kind":"observation","origin":{"cluster":"one","agent":"node-1","epoch":7,"seq":3},"body":{ "b":1.0,"a":"ü", "c": [1e400] }}"#;
        assert_eq!(str::from_utf8(&line).unwrap(), expected);
        assert_eq!(Record::from_line(&line).unwrap(), record);
    }

    #[test]
    fn a_kind_of_a_later_version_is_read_and_written_as_it_stands() {
        let text = r#"{"id":1,"at":"2026-11-23T12:00:00Z","kind":"approval","body":{"by":"office"}}"#;
        let record = Record::from_line(text.as_bytes()).unwrap();
        assert_eq!(record.kind, Recorded::Unknown("approval".to_owned()));
        assert_eq!(record.to_line().unwrap(), text.as_bytes());
    }

    #[test]
    fn the_longest_record_fits_a_line() {
        let name = "\u{1}".repeat(MAX_NAME);
        let source = Source { cluster: name.clone(), agent: name, epoch: u64::MAX };
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_RECORD - 8));
        let origin = Some(Origin { source, seq: u64::MAX });
        let record = Record { id: u64::MAX, origin, at: Timestamp::MIN, ..record(&body) };
        assert_eq!(body.len(), MAX_RECORD);
        assert!(record.to_line().unwrap().len() <= MAX_LINE);
    }

    #[test]
    fn every_prefix_of_a_line_is_refused() {
        let line = record(r#"{"a":[{"b":null}]}"#).to_line().unwrap();
        for end in 0..line.len() {
            assert!(Record::from_line(&line[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn only_one_object_on_one_line_is_taken() {
        let refused = |body: &[u8]| check_batch([body].into_iter()).unwrap_err().reason;
        for good in [&b"{}"[..], br#"{"a":{"b":[1,2,"x"]}}"#] {
            assert_eq!(check_batch([good].into_iter()), Ok(()));
        }
        let bad: [&[u8]; 8] = [b"", b"[]", b"{}{}", b"{\n}", b"{\"a\":1", b" {}", b"{\"a\":\xff}", b"{\"a\":\"\xff\"}"];
        for body in bad {
            assert_eq!(refused(body), RefusalReason::NotAnObject, "{:?}", String::from_utf8_lossy(body));
        }
        let long = [b"{\"a\":\"".to_vec(), vec![b'x'; MAX_RECORD], b"\"}".to_vec()].concat();
        assert_eq!(refused(&long), RefusalReason::TooLong(long.len()));
    }

    #[test]
    fn a_batch_is_bounded_and_names_the_record() {
        let many = vec![&b"{}"[..]; MAX_BATCH_RECORDS + 1];
        let refusal = check_batch(many.into_iter()).unwrap_err();
        assert_eq!(refusal, Refusal { index: MAX_BATCH_RECORDS, reason: RefusalReason::TooMany });
        let large = [b"{\"a\":\"".to_vec(), vec![b'x'; MAX_RECORD - 8], b"\"}".to_vec()].concat();
        let much = vec![large.as_slice(); 65];
        assert_eq!(check_batch(much.into_iter()).unwrap_err().reason, RefusalReason::TooMuch);
        let refusal = check_batch([&b"{}"[..], b"x"].into_iter()).unwrap_err();
        assert_eq!(refusal.to_string(), "record 1 of the batch: not one JSON object on one line of UTF-8");
    }
}
