//! The last good forms of objects, over a restart: a file on the operator's volume.
//!
//! The API server alone says what there is. What stands in the file counts where an object there, the same one by its
//! uid, cannot be used as it is, and for nothing else. A file that does not read whole counts for nothing.

use landfall_evidence::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const SCHEMA: &str = "landfall.register/v1";

/// An object in its last good form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LastGoodForm {
    /// Which object: another of the same name is another.
    pub uid: String,
    /// As the register takes it.
    pub object: Value,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    schema: &'a str,
    /// Of everything below.
    sha256: Digest,
}

/// Why a file is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum LastGoodError {
    /// The first line.
    #[error("line 1: expected {SCHEMA} and a digest")]
    Head,
    /// The rest.
    #[error("the objects are not those that were written")]
    Changed,
    /// A line that is no object.
    #[error("line {0}: expected an object with its uid")]
    Line(usize),
}

/// Reads a file whole or not at all.
pub(super) fn read(bytes: &[u8]) -> Result<(Digest, Vec<LastGoodForm>), LastGoodError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(LastGoodError::Head)?;
    let (head, body) = (&bytes[..end], &bytes[end + 1..]);
    let Head { schema, sha256 } = serde_json::from_slice(head).map_err(|_| LastGoodError::Head)?;
    if schema != SCHEMA {
        return Err(LastGoodError::Head);
    }
    if Digest::of(body) != sha256 {
        return Err(LastGoodError::Changed);
    }
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let kept = (2..).zip(lines).map(|(line, text)| serde_json::from_slice(text).map_err(|_| LastGoodError::Line(line)));
    Ok((sha256, kept.collect::<Result<_, _>>()?))
}

/// The file with these objects, and the digest of what stands below its head.
pub(super) fn write(kept: &[LastGoodForm]) -> (Digest, Vec<u8>) {
    let mut body = Vec::new();
    for kept in kept {
        serde_json::to_writer(&mut body, kept).expect("an object has a JSON form");
        body.push(b'\n');
    }
    let sha256 = Digest::of(&body);
    let mut bytes = serde_json::to_vec(&Head { schema: SCHEMA, sha256 }).expect("a head has a JSON form");
    bytes.push(b'\n');
    bytes.extend(body);
    (sha256, bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept() -> Vec<LastGoodForm> {
        let object = |name: &str| json!({ "kind": "Recipient", "metadata": { "name": name }, "spec": {} });
        ["acme", "other"].map(|name| LastGoodForm { uid: format!("uid-{name}"), object: object(name) }).to_vec()
    }

    #[test]
    fn what_was_kept_is_read_whole_and_no_prefix_of_it_is() {
        let (digest, bytes) = write(&kept());
        assert_eq!(read(&bytes), Ok((digest, kept())));
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        for end in 0..bytes.len() {
            let expected = if end <= head { LastGoodError::Head } else { LastGoodError::Changed };
            assert_eq!(read(&bytes[..end]), Err(expected), "{end}");
        }
    }

    #[test]
    fn no_byte_can_change() {
        let (_, bytes) = write(&kept());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_err(), "{at}");
        }
    }
}
