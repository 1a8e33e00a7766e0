//! Manifests: the signed description of a segment. The file has two lines of JSON: the manifest, and the
//! signature over exactly the bytes of the first line, so that no canonical form of JSON is needed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Class, Digest, Handover, KeyId, PublicKey, Signer,
    digest::{parse_hexadecimal, write_hexadecimal},
};

/// Names the manifest's fields, and what the signature covers.
const SCHEMA: &str = "landfall.ledger.manifest/v1";

/// Version of the ledger's format: segments, manifests and the unsealed tail. It rises when an earlier program would
/// misread the ledger; added fields and kinds of records do not change it.
pub const FORMAT: u32 = 1;

/// Names the lines of a segment.
pub(crate) const RECORD_SCHEMA: &str = "landfall.ledger.record/v1";

/// The maximum size of a manifest's file, in bytes.
pub const MAX_MANIFEST: usize = 16 * 1024;

/// The signed description of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always `landfall.ledger.manifest/v1`.
    pub schema: String,
    /// Format of the ledger, [`FORMAT`].
    pub format: u32,
    /// Number of the segment, from 1, over all classes.
    pub number: u64,
    /// Class of its records.
    pub class: Class,
    /// How many records it has.
    pub records: u64,
    /// Id of its first record.
    pub first_record: u64,
    /// Id of its last record.
    pub last_record: u64,
    /// Earliest instant of a record.
    pub from: Timestamp,
    /// Latest instant of a record.
    pub to: Timestamp,
    /// Schema of its lines.
    pub record_schema: String,
    /// Merkle root over its lines (RFC 9162).
    pub root: Digest,
    /// The data file.
    pub data: FileDigest,
    /// The file with the first four bytes of each leaf hash.
    pub leaves: FileDigest,
    /// SHA-256 of the first line of the previous manifest; `null` in the first manifest.
    pub previous: Option<Digest>,
    /// Epoch of the writer; never decreases.
    pub writer_epoch: u64,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// From when the data may be absent; null: never.
    pub keep_until: Option<Timestamp>,
    /// The key that signed.
    pub key_id: KeyId,
    /// The key that signs from the next segment on, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_change: Option<Handover>,
}

/// Length and digest of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: Digest,
}

/// A manifest with its signature, as in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedManifest {
    /// What it says.
    pub manifest: Manifest,
    /// SHA-256 of its first line: what the next one names as its predecessor.
    pub hash: Digest,
    line: Vec<u8>,
    signature: [u8; 64],
}

/// The field that every manifest has, whatever its format.
#[derive(Deserialize)]
struct Version {
    format: u64,
}

/// The second line.
#[derive(Serialize, Deserialize)]
struct SignatureLine {
    signature: String,
}

/// Why a file is not a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Too long.
    #[error("longer than {MAX_MANIFEST} bytes")]
    TooLong,
    /// Not two lines.
    #[error("expected two lines, a manifest and its signature")]
    NotTwoLines,
    /// The first line.
    #[error("line 1: expected a manifest")]
    Manifest(#[source] serde_json::Error),
    /// The second line.
    #[error("line 2: expected a signature in hexadecimal")]
    Signature,
    /// Written by a later version of the program.
    #[error("written by a later version of landfall: format {0}, this one reads up to {FORMAT}")]
    Later(u64),
    /// The schema is not known.
    #[error("line 1: schema {0:?}, expected {SCHEMA} over {RECORD_SCHEMA}")]
    Schema(String),
}

impl Manifest {
    pub(crate) fn schema() -> String {
        SCHEMA.to_owned()
    }

    /// Signs it.
    pub(crate) fn sign(self, signer: &Signer) -> SignedManifest {
        let line = serde_json::to_vec(&self).expect("a manifest's keys are texts");
        let signature = signer.sign(&message(&line));
        SignedManifest { manifest: self, hash: Digest::hash(&line), line, signature }
    }
}

impl SignedManifest {
    /// Parses a manifest file. It does not check the signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(ManifestError::TooLong);
        }
        let lines = bytes.strip_suffix(b"\n").ok_or(ManifestError::NotTwoLines)?;
        let mut lines = lines.split(|byte| *byte == b'\n');
        let (Some(line), Some(signature), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err(ManifestError::NotTwoLines);
        };
        // A later format may have other fields.
        let Version { format } = serde_json::from_slice(line).map_err(ManifestError::Manifest)?;
        if format > u64::from(FORMAT) {
            return Err(ManifestError::Later(format));
        }
        let manifest: Manifest = serde_json::from_slice(line).map_err(ManifestError::Manifest)?;
        for (schema, expected) in [(&manifest.schema, SCHEMA), (&manifest.record_schema, RECORD_SCHEMA)] {
            if schema != expected {
                return Err(ManifestError::Schema(schema.chars().take(64).collect()));
            }
        }
        let SignatureLine { signature } = serde_json::from_slice(signature).map_err(|_| ManifestError::Signature)?;
        let signature = parse_hexadecimal(&signature).map_err(|_| ManifestError::Signature)?;
        Ok(Self { manifest, hash: Digest::hash(line), line: line.to_owned(), signature })
    }

    /// Its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut signature = String::with_capacity(128);
        let written = write_hexadecimal(&self.signature, &mut signature);
        debug_assert!(written.is_ok(), "a String takes every text");
        let signature = serde_json::to_vec(&SignatureLine { signature }).expect("a signature's key is a text");
        [&self.line, &b"\n"[..], &signature, b"\n"].concat()
    }

    /// Whether `key` signed it.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verify(&message(&self.line), &self.signature)
    }
}

/// What is signed: the name of the schema first (domain separation), so that no signature for another purpose fits.
fn message(line: &[u8]) -> Vec<u8> {
    [SCHEMA.as_bytes(), b"\n", line].concat()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample(signer: &Signer) -> Manifest {
        let file = FileDigest { bytes: 10, sha256: Digest::hash(b"file") };
        Manifest {
            schema: Manifest::schema(),
            format: FORMAT,
            number: 1,
            class: Class::Windows,
            records: 2,
            first_record: 1,
            last_record: 3,
            from: "2026-11-23T12:00:00Z".parse().unwrap(),
            to: "2026-11-23T12:00:01Z".parse().unwrap(),
            record_schema: RECORD_SCHEMA.to_owned(),
            root: Digest::hash(b"root"),
            data: file,
            leaves: file,
            previous: None,
            writer_epoch: 4,
            sealed_at: "2026-11-23T12:01:00Z".parse().unwrap(),
            keep_until: Some("2026-11-30T12:01:00Z".parse().unwrap()),
            key_id: signer.public().id(),
            key_change: None,
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let signer = Signer::generate().unwrap();
        let made = sample(&signer).sign(&signer);
        let read = SignedManifest::parse(&made.to_bytes()).unwrap();
        assert_eq!(read, made);
        assert!(read.is_signed_by(&signer.public()));
        assert!(!read.is_signed_by(&Signer::generate().unwrap().public()));
    }

    #[test]
    fn no_bit_of_the_first_line_can_change_under_the_signature() {
        let signer = Signer::generate().unwrap();
        let made = sample(&signer).sign(&signer);
        let bytes = made.to_bytes();
        for at in 0..made.line.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let accepted = SignedManifest::parse(&changed).is_ok_and(|read| read.is_signed_by(&signer.public()));
            assert!(!accepted, "byte {at}");
        }
    }

    #[test]
    fn every_prefix_of_a_manifest_is_refused() {
        let signer = Signer::generate().unwrap();
        let bytes = sample(&signer).sign(&signer).to_bytes();
        for end in 0..bytes.len() {
            assert!(SignedManifest::parse(&bytes[..end]).is_err(), "{end}");
        }
        assert!(matches!(SignedManifest::parse(&vec![b'{'; MAX_MANIFEST + 1]), Err(ManifestError::TooLong)));
    }

    #[test]
    fn a_later_format_is_named_whatever_else_it_has() {
        for line in [r#"{"format":2,"segment":{"of":"another shape"}}"#, r#"{"schema":"x","format":99,"root":[]}"#] {
            let error = SignedManifest::parse(format!("{line}\n{{}}\n").as_bytes()).unwrap_err();
            assert!(matches!(error, ManifestError::Later(2 | 99)), "{error:?}");
        }
        let signer = Signer::generate().unwrap();
        let later = Manifest { format: 2, ..sample(&signer) };
        let error = SignedManifest::parse(&later.sign(&signer).to_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "written by a later version of landfall: format 2, this one reads up to 1");
    }

    #[test]
    fn another_schema_is_named() {
        let signer = Signer::generate().unwrap();
        let other = Manifest { schema: "landfall.ledger.manifest/v2".to_owned(), ..sample(&signer) };
        let error = SignedManifest::parse(&other.sign(&signer).to_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("line 1: schema \"landfall.ledger.manifest/v2\", expected"), "{error}");
    }
}
