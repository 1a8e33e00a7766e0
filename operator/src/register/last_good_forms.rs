//! Format of the file with the last good versions of objects.
//!
//! The API server alone determines which objects exist. A version in the file is used only if the object of the same uid
//! exists and is invalid. A file that is not complete is ignored.

use landfall_evidence::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const SCHEMA: &str = "landfall.register/v1";

/// The last good version of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LastGoodForm {
    /// Its uid: a re-created object of the same name is another object.
    pub uid: String,
    /// The object as in a register file.
    pub object: Value,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    schema: &'a str,
    /// SHA-256 of everything after this line.
    sha256: Digest,
}

/// Why a file was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum LastGoodError {
    /// The first line is wrong.
    #[error("line 1: expected {SCHEMA} and a digest")]
    Head,
    /// The digest does not match.
    #[error("the objects do not match the digest")]
    Changed,
    /// A line is not an object with its uid.
    #[error("line {0}: expected an object with its uid")]
    Line(usize),
}

/// Parses a complete file.
pub(super) fn read(bytes: &[u8]) -> Result<(Digest, Vec<LastGoodForm>), LastGoodError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(LastGoodError::Head)?;
    let (head, body) = (&bytes[..end], &bytes[end + 1..]);
    let Head { schema, sha256 } = serde_json::from_slice(head).map_err(|_| LastGoodError::Head)?;
    if schema != SCHEMA {
        return Err(LastGoodError::Head);
    }
    if Digest::hash(body) != sha256 {
        return Err(LastGoodError::Changed);
    }
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let saved =
        (2..).zip(lines).map(|(line, text)| serde_json::from_slice(text).map_err(|_| LastGoodError::Line(line)));
    Ok((sha256, saved.collect::<Result<_, _>>()?))
}

/// The file with these objects, and the digest of its body.
pub(super) fn write(saved: &[LastGoodForm]) -> (Digest, Vec<u8>) {
    let mut body = Vec::new();
    for saved in saved {
        serde_json::to_writer(&mut body, saved).expect("an object has a JSON form");
        body.push(b'\n');
    }
    let sha256 = Digest::hash(&body);
    let mut bytes = serde_json::to_vec(&Head { schema: SCHEMA, sha256 }).expect("a head has a JSON form");
    bytes.push(b'\n');
    bytes.extend(body);
    (sha256, bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn saved() -> Vec<LastGoodForm> {
        let object = |name: &str| json!({ "kind": "Recipient", "metadata": { "name": name }, "spec": {} });
        ["acme", "other"].map(|name| LastGoodForm { uid: format!("uid-{name}"), object: object(name) }).to_vec()
    }

    #[test]
    fn a_complete_file_is_read_and_no_prefix_of_it() {
        let (digest, bytes) = write(&saved());
        assert_eq!(read(&bytes), Ok((digest, saved())));
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        for end in 0..bytes.len() {
            let expected = if end <= head { LastGoodError::Head } else { LastGoodError::Changed };
            assert_eq!(read(&bytes[..end]), Err(expected), "{end}");
        }
    }

    #[test]
    fn a_change_of_any_byte_is_detected() {
        let (_, bytes) = write(&saved());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_err(), "{at}");
        }
    }
}
