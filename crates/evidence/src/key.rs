//! The key that signs manifests (Ed25519) and its public half, as PEM like other tools write it.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::Path,
};

use ed25519_dalek::{
    Signature, Signer as _, SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
        spki::der::pem::LineEnding,
    },
};
use landfall_process::file::AtomicFile;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    LedgerError,
    digest::{Digest, parse_hexadecimal, write_hexadecimal},
};

/// Length of an Ed25519 key's SubjectPublicKeyInfo (RFC 8410, section 4).
const SPKI: usize = 44;

/// Signs manifests. Its Debug output does not show the key.
pub struct Signer(SigningKey);

/// Checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Names a key: the first eight bytes of the SHA-256 of its SubjectPublicKeyInfo (DER), in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

/// The text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a private key.
    #[error("expected an Ed25519 private key as PKCS#8 PEM (BEGIN PRIVATE KEY)")]
    NotPrivate,
    /// Not a public key.
    #[error("expected an Ed25519 public key as PEM (BEGIN PUBLIC KEY)")]
    NotPublic,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

// === impl Signer ===

impl Signer {
    /// A new key.
    pub fn generate() -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// Reads PKCS#8 PEM.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_pem(text).map(Self).map_err(|_| KeyError::NotPrivate)
    }

    /// The private key as PKCS#8 PEM; the text is wiped from memory when dropped.
    pub fn to_pem(&self) -> impl std::ops::Deref<Target = String> {
        self.0.to_pkcs8_pem(LineEnding::LF).expect("an Ed25519 key has a PKCS#8 form")
    }

    /// Reads the key in `path`; makes one there, readable by its owner alone, if there is none.
    pub fn open_or_create(path: &Path) -> Result<Self, LedgerError> {
        let cannot = || LedgerError::file(path);
        let invalid = |error: KeyError| io::Error::new(io::ErrorKind::InvalidData, error);
        match fs::read_to_string(path) {
            Ok(text) => return Self::from_pem(&text).map_err(invalid).map_err(cannot()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(cannot()(error)),
        }
        let signer = Self::generate().map_err(io::Error::other).map_err(cannot())?;
        // Written to a temporary file first: a key truncated by a crash would be lost. If another process created the
        // key first, that one is used.
        let made = AtomicFile::create_unique(path, 0o600).and_then(|mut file| {
            file.write_all(signer.to_pem().as_bytes())?;
            file.persist_new()
        });
        made.map_err(cannot())?;
        Ok(signer)
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// A copy of the key.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.public().id()).finish()
    }
}

// === impl PublicKey ===

impl PublicKey {
    /// Reads SubjectPublicKeyInfo PEM.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        VerifyingKey::from_public_key_pem(text).map(Self).map_err(|_| KeyError::NotPublic)
    }

    /// SubjectPublicKeyInfo PEM.
    pub fn to_pem(&self) -> String {
        self.0.to_public_key_pem(LineEnding::LF).expect("an Ed25519 key has a SubjectPublicKeyInfo")
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        let der = self.0.to_public_key_der().expect("an Ed25519 key has a SubjectPublicKeyInfo");
        let mut text = String::new();
        let written = write_hexadecimal(&Digest::hash(der.as_bytes()).0[..8], &mut text);
        debug_assert!(written.is_ok(), "a String takes every text");
        KeyId(text)
    }

    /// SubjectPublicKeyInfo (DER) in hexadecimal.
    pub fn to_hex(&self) -> String {
        let der = self.0.to_public_key_der().expect("an Ed25519 key has a SubjectPublicKeyInfo");
        let mut text = String::with_capacity(2 * SPKI);
        let written = write_hexadecimal(der.as_bytes(), &mut text);
        debug_assert!(written.is_ok(), "a String takes every text");
        text
    }

    /// Reads SubjectPublicKeyInfo (DER) in hexadecimal.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let der: [u8; SPKI] = parse_hexadecimal(text).map_err(|_| KeyError::NotPublic)?;
        VerifyingKey::from_public_key_der(&der).map(Self).map_err(|_| KeyError::NotPublic)
    }

    /// Strict: only the canonical encoding of a signature is accepted.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(de::Error::custom)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// RFC 8410, section 10.3 and 10.1: a key pair as other tools write it.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn keys_are_those_of_the_rfc() {
        let signer = Signer::from_pem(PRIVATE).unwrap();
        assert_eq!(signer.public().to_pem(), PUBLIC);
        assert_eq!(signer.public(), PublicKey::from_pem(PUBLIC).unwrap());
        assert_eq!(signer.public().id().to_string().len(), 16);
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written_in_hexadecimal() {
        let key = PublicKey::from_pem(PUBLIC).unwrap();
        let text = key.to_hex();
        // RFC 8410, section 10.1: an algorithm without parameters, then the 32 bytes of the key.
        let expected = "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(text, expected);
        assert_eq!(PublicKey::from_hex(&text), Ok(key));
        for end in 0..text.len() {
            assert_eq!(PublicKey::from_hex(&text[..end]), Err(KeyError::NotPublic), "{end}");
        }
        assert_eq!(PublicKey::from_hex(&text.to_uppercase()), Err(KeyError::NotPublic));
    }

    #[test]
    fn what_is_signed_can_be_checked_and_nothing_else() {
        let signer = Signer::generate().unwrap();
        let signature = signer.sign(b"a manifest");
        let again = Signer::from_pem(&signer.to_pem()).unwrap();
        assert!(again.public().verify(b"a manifest", &signature));
        assert!(!again.public().verify(b"another", &signature));
        assert!(!Signer::generate().unwrap().public().verify(b"a manifest", &signature));
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        let made = Signer::open_or_create(&path).unwrap();
        let found = Signer::open_or_create(&path).unwrap();
        assert_eq!(made.public(), found.public());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "no key").unwrap();
        let error = Signer::open_or_create(&path).unwrap_err();
        assert!(matches!(error, LedgerError::File { .. }), "{error}");
    }

    #[test]
    fn no_text_of_ours_shows_the_key() {
        let signer = Signer::from_pem(PRIVATE).unwrap();
        let shown = format!("{signer:?}");
        assert!(!PRIVATE.contains(&shown) && shown.len() < 60 && !shown.contains("1O5y2"), "{shown}");
    }

    #[test]
    fn every_prefix_of_a_key_is_refused() {
        for end in 0..PRIVATE.len() - 1 {
            assert_eq!(Signer::from_pem(&PRIVATE[..end]).err(), Some(KeyError::NotPrivate), "{end}");
        }
        for end in 0..PUBLIC.len() - 1 {
            assert_eq!(PublicKey::from_pem(&PUBLIC[..end]).err(), Some(KeyError::NotPublic), "{end}");
        }
    }
}
