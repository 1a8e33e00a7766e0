//! Rotation of the signing key: the old key admits the new one, and the new one signs the history that it takes over.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Class, Digest, KeyId, LedgerError, PublicKey, Recorded, SignedManifest, Signer,
    digest::{parse_hexadecimal, write_hexadecimal},
    files::{Folder, Listing, SegmentName},
};

/// Domain separation: begins what the new key signs, so that no signature made for another purpose fits.
const PROOF: &str = "landfall.ledger.key-change/v1";

/// The body of a record of kind `key-change`: when the key changed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyChange {
    /// Always [`KeyChange::SCHEMA`].
    pub schema: String,
    /// When.
    pub at: Timestamp,
    /// The key that signed until then.
    pub from: KeyId,
    /// The key that signs from the next segment on.
    pub to: KeyId,
    /// Why.
    pub reason: Recorded<KeyChangeReason>,
}

/// Why a key was changed; named as reasons for revocation are (RFC 5280, section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyChangeReason {
    /// Routine rotation.
    #[serde(rename = "superseded")]
    Superseded,
    /// The old key may be known to somebody else. Verify with the new public key from then on: a forged history signed
    /// with the stolen key would verify with the old one.
    #[serde(rename = "key-compromise")]
    KeyCompromise,
}

/// What a manifest says about the key that signs from the next segment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The key that signs this manifest: it admits the other.
    pub from: PublicKey,
    /// The key that signs the next one.
    pub to: PublicKey,
    /// Ed25519 signature of `to`, in hexadecimal, over the history it takes over: it cannot be admitted to another one.
    pub proof: String,
}

/// The signing keys of a ledger in their order, each with the first segment that it signs; never empty.
#[derive(Debug, Clone)]
pub(crate) struct KeyChain(Vec<(u64, PublicKey)>);

impl KeyChange {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.key-change/v1";
}

// === impl Handover ===

impl Handover {
    pub(crate) fn new(from: &PublicKey, to: &Signer, number: u64, previous: Option<Digest>, root: Digest) -> Self {
        let mut proof = String::with_capacity(128);
        let written = write_hexadecimal(&to.sign(&message(number, previous, root)), &mut proof);
        debug_assert!(written.is_ok(), "a String takes every text");
        Self { from: from.clone(), to: to.public(), proof }
    }

    /// Whether `signed` hands over from `key`, which must have signed it, to a key that agreed.
    pub(crate) fn is_proven(&self, signed: &SignedManifest, key: &PublicKey) -> bool {
        let Self { from, to, proof } = self;
        let manifest = &signed.manifest;
        let message = message(manifest.number, manifest.previous, manifest.root);
        from == key
            && manifest.class == Class::Lasting
            && signed.is_signed_by(from)
            && parse_hexadecimal(proof).is_ok_and(|proof| to.verify(&message, &proof))
    }
}

/// Place, history and content of the segment that hands over.
fn message(number: u64, previous: Option<Digest>, root: Digest) -> Vec<u8> {
    let previous = previous.map_or_else(|| "null".to_owned(), |previous| previous.to_string());
    format!("{PROOF}\n{number}:{previous}:{root}").into_bytes()
}

// === impl KeyChain ===

impl KeyChain {
    /// A chain that begins with `first`.
    pub(crate) fn new(first: PublicKey) -> Self {
        Self(vec![(1, first)])
    }

    /// The beginning of the chain in which `key` is: `key` itself, unless an earlier one handed over to it.
    pub(crate) fn beginning(folder: &Folder, listing: &Listing, key: &PublicKey) -> Self {
        let mut names = lasting(listing);
        let first = listing.manifests.values().flatten().next();
        let signs_first = first.is_none_or(|name| folder.read_manifest(*name).is_ok_and(|it| it.is_signed_by(key)));
        if signs_first {
            return Self::new(key.clone());
        }
        let mut chain: Option<Self> = None;
        while let Some(signed) = names.next().map(|name| folder.read_manifest(name)) {
            let Ok(signed) = signed else { continue };
            let Some(Handover { from, .. }) = &signed.manifest.key_change else { continue };
            let chain = chain.get_or_insert_with(|| Self::new(from.clone()));
            if chain.follow(&signed) && chain.last() == key {
                return Self::new(chain.0[0].1.clone());
            }
        }
        Self::new(key.clone())
    }

    /// The complete chain that contains `key`, as far as manifests hand over.
    pub(crate) fn complete(folder: &Folder, listing: &Listing, key: &PublicKey) -> Self {
        let mut chain = Self::beginning(folder, listing, key);
        for signed in lasting(listing).filter_map(|name| folder.read_manifest(name).ok()) {
            chain.follow(&signed);
        }
        chain
    }

    /// Adds the key to which a manifest hands over; returns whether it hands over.
    pub(crate) fn follow(&mut self, signed: &SignedManifest) -> bool {
        let Some(handover) = &signed.manifest.key_change else { return false };
        let is_proven = handover.is_proven(signed, self.last());
        if is_proven {
            self.0.push((signed.manifest.number.saturating_add(1), handover.to.clone()));
        }
        is_proven
    }

    /// The key that signs a segment.
    pub(crate) fn at(&self, segment: u64) -> &PublicKey {
        let after = self.0.partition_point(|(first, _)| *first <= segment);
        &self.0[after.saturating_sub(1)].1
    }

    /// The key that signs what comes next.
    pub(crate) fn last(&self) -> &PublicKey {
        &self.0[self.0.len() - 1].1
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter().map(|(_, key)| key)
    }
}

/// Segments that can hand over.
fn lasting(listing: &Listing) -> impl Iterator<Item = SegmentName> {
    listing.manifests.values().flatten().copied().filter(|name| name.class == Class::Lasting)
}

/// The public keys that sign the ledger in `folder`, the earliest first, as far as `key` vouches for them: those to
/// which it hands over, and those that handed over to it.
pub fn keys(folder: &std::path::Path, key: &PublicKey) -> Result<Vec<PublicKey>, LedgerError> {
    let folder = Folder::new(folder);
    Ok(KeyChain::complete(&folder, &folder.list()?, key).all().cloned().collect())
}
