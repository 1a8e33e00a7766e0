//! The tail: the unsealed records, as the writer left them. Every commit extends a hash chain by what it appends and
//! signs both ends, so that rows changed, added or removed in the database are detected before a manifest covers them.
//!
//! ```text
//! anchor ─► SHA-256(anchor ‖ digest of a record) ─► … ─► last     one chain for each class; sealing moves the anchor on
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    Class, Digest, Fault, Finding, KeyId, LedgerError, Origin, PublicKey, Record, Recorded, Signer, Source,
    class::PerClass,
    digest::{parse_hexadecimal, write_hexadecimal},
    key_change::KeyChain,
    store::{State, Store, microseconds},
};

const SCHEMA: &str = "landfall.ledger.tail/v1";

/// The chains of all classes.
pub(crate) type Tail = PerClass<ClassChain>;

/// The chain over the unsealed records of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClassChain {
    /// The link of the last record that is sealed.
    pub(crate) anchor: Digest,
    /// The link of the last record.
    pub(crate) last: Digest,
}

/// The database's tail, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedTail {
    pub(crate) tail: Tail,
    pub(crate) line: String,
    pub(crate) signature: String,
}

/// What is signed: the chains, and where they begin and end.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    schema: String,
    key_id: KeyId,
    writer_epoch: u64,
    last_record: u64,
    segment: u64,
    head: Option<Digest>,
    /// The last sealed record of each class.
    sealed: PerClass<u64>,
    #[serde(rename = "strands")]
    chains: Tail,
}

/// What is wrong with a tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TailFault {
    /// There are records, but no signature.
    Unsigned,
    /// Signed with another key.
    Foreign { key_id: String },
    /// The signature does not fit the tail, or the tail does not fit the database.
    Signature,
    /// The records are not those that were appended; the first that differs, if known.
    Records(Option<u64>),
}

/// The row of a record, as its digest covers it.
pub(crate) struct Row<'a> {
    pub(crate) id: u64,
    pub(crate) kind: &'a str,
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) origin: Option<(&'a Source, u64)>,
    pub(crate) body: &'a [u8],
}

// === impl Row ===

impl<'a> Row<'a> {
    pub(crate) fn from_record(record: &'a Record) -> Self {
        let Record { id, at, kind, origin, body } = record;
        let origin = origin.as_ref().map(|Origin { source, seq }| (source, *seq));
        let kind = match kind {
            Recorded::Known(kind) => kind.name(),
            Recorded::Unknown(name) => name,
        };
        Self { id: *id, kind, at: microseconds(*at), origin, body: body.as_bytes() }
    }

    /// Covers every field in one encoding, with a length prefix where the length varies.
    pub(crate) fn digest(&self) -> Digest {
        let Self { id, kind, at, origin, body } = self;
        let mut hash = Sha256::new();
        let text = |hash: &mut Sha256, text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        hash.update(id.to_be_bytes());
        text(&mut hash, kind);
        hash.update(at.to_be_bytes());
        match origin {
            None => hash.update([0]),
            Some((Source { cluster, agent, epoch }, seq)) => {
                hash.update([1]);
                text(&mut hash, cluster);
                text(&mut hash, agent);
                hash.update(epoch.to_be_bytes());
                hash.update(seq.to_be_bytes());
            }
        }
        hash.update(body);
        Digest(hash.finalize().into())
    }
}

/// The first bytes of a record's digest, stored with it: they show which record differs; the chain proves that one
/// does.
pub(crate) fn fingerprint(digest: Digest) -> u32 {
    let [a, b, c, d, ..] = digest.0;
    u32::from_be_bytes([a, b, c, d])
}

// === impl ClassChain ===

impl Default for ClassChain {
    fn default() -> Self {
        let nothing = Digest([0; 32]);
        Self { anchor: nothing, last: nothing }
    }
}

/// The link after `link` for a record with this digest.
pub(crate) fn link(link: Digest, record: Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update(link.0);
    hash.update(record.0);
    Digest(hash.finalize().into())
}

// === impl SignedTail ===

impl SignedTail {
    pub(crate) fn sign(state: &State, signer: &Signer) -> Self {
        let line = Line::new(state, state.tail, signer.public().id());
        let line = serde_json::to_string(&line).expect("keys of a tail are texts");
        let mut signature = String::with_capacity(128);
        let written = write_hexadecimal(&signer.sign(&message(&line)), &mut signature);
        debug_assert!(written.is_ok(), "a String takes every text");
        Self { tail: state.tail, line, signature }
    }

    /// Reads a tail as the database stores it; `None` if it is malformed.
    pub(crate) fn read(line: String, signature: String) -> Option<Self> {
        let tail = serde_json::from_str::<Line>(&line).ok()?.chains;
        Some(Self { tail, line, signature })
    }

    /// What is wrong with it, compared with the rest of the database.
    fn fault(&self, state: &State, key: &PublicKey) -> Option<TailFault> {
        let Self { tail, line, signature } = self;
        let Ok(read) = serde_json::from_str::<Line>(line) else { return Some(TailFault::Signature) };
        if read.key_id != key.id() {
            return Some(TailFault::Foreign { key_id: read.key_id.to_string().chars().take(64).collect() });
        }
        let fits = parse_hexadecimal::<64>(signature).is_ok_and(|signature| key.verify(&message(line), &signature));
        (!fits || read != Line::new(state, *tail, key.id())).then_some(TailFault::Signature)
    }
}

impl Line {
    fn new(state: &State, tail: Tail, key_id: KeyId) -> Self {
        let State { writer_epoch, last_record, segment, head, sealed, .. } = *state;
        Self { schema: SCHEMA.to_owned(), key_id, writer_epoch, last_record, segment, head, sealed, chains: tail }
    }
}

/// The name of the schema first, so that no signature for another purpose fits.
fn message(line: &str) -> Vec<u8> {
    [SCHEMA.as_bytes(), b"\n", line.as_bytes()].concat()
}

impl TailFault {
    /// As a finding of a verification.
    pub(crate) fn into_finding(self, key: &PublicKey) -> Finding {
        let (record, fault) = match self {
            Self::Unsigned => (None, Fault::TailUnsigned),
            Self::Foreign { key_id } => (None, Fault::SignatureForeign { key_id, expected: key.id().to_string() }),
            Self::Signature => (None, Fault::TailSignature),
            Self::Records(record) => (record, Fault::TailChanged),
        };
        Finding { segment: 0, file: "ledger.db".to_owned(), record, fault }
    }
}

/// What is wrong with the unsealed records of a database, and the key that should have signed them.
pub(crate) fn fault(store: &Store, keys: &KeyChain) -> Result<Option<(TailFault, PublicKey)>, LedgerError> {
    let Some(state) = store.state()? else { return Ok(None) };
    // After an interrupted rotation the database may still be signed with the previous key.
    let next = keys.at(state.segment.saturating_add(1));
    let key = if state.key_id == keys.last().id().to_string() { keys.last() } else { next };
    Ok(fault_of(store, &state, key)?.map(|fault| (fault, key.clone())))
}

fn fault_of(store: &Store, state: &State, key: &PublicKey) -> Result<Option<TailFault>, LedgerError> {
    let Some(signed) = store.tail()? else {
        let mut waits = false;
        for class in Class::ALL {
            waits |= store.count(class, *state.sealed.get(class))?.0 > 0;
        }
        return Ok(waits.then_some(TailFault::Unsigned));
    };
    if let Some(fault) = signed.fault(state, key) {
        return Ok(Some(fault));
    }
    for class in Class::ALL {
        let ClassChain { anchor, last } = *signed.tail.get(class);
        let (mut at, mut first) = (anchor, None);
        store.each(*state.sealed.get(class), Some(class), &mut |waiting| {
            let digest = Row::from_record(&waiting.record).digest();
            at = link(at, digest);
            if waiting.fingerprint != Some(fingerprint(digest)) {
                first = first.or(Some(waiting.record.id));
            }
            Ok(true)
        })?;
        if at != last {
            return Ok(Some(TailFault::Records(first)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn state() -> State {
        State {
            key_id: "0123456789abcdef".to_owned(),
            writer_epoch: 3,
            last_record: 12,
            latest: Timestamp::UNIX_EPOCH,
            segment: 2,
            head: Some(Digest::hash(b"head")),
            sealed: PerClass { windows: 9, lasting: 8, people: 7 },
            tail: Tail::default(),
        }
    }

    #[test]
    fn a_tail_is_what_was_signed_and_no_part_of_it_is() {
        let (signer, state) = (Signer::generate().unwrap(), state());
        let key = signer.public();
        let tail = SignedTail::sign(&state, &signer);
        assert_eq!(tail.fault(&state, &key), None);
        for end in 0..tail.line.len() {
            assert_eq!(SignedTail::read(tail.line[..end].to_owned(), tail.signature.clone()), None, "{end}");
        }
        for end in 0..tail.signature.len() {
            let cut = SignedTail { signature: tail.signature[..end].to_owned(), ..tail.clone() };
            assert_eq!(cut.fault(&state, &key), Some(TailFault::Signature), "{end}");
        }
        let foreign = tail.fault(&state, &Signer::generate().unwrap().public());
        assert_eq!(foreign, Some(TailFault::Foreign { key_id: key.id().to_string() }));
        for other in [
            State { last_record: 13, ..state.clone() },
            State { sealed: PerClass { windows: 10, ..state.sealed }, ..state.clone() },
            State { sealed: PerClass { people: 8, ..state.sealed }, ..state.clone() },
            State { head: None, ..state.clone() },
        ] {
            assert_eq!(tail.fault(&other, &key), Some(TailFault::Signature));
        }
    }

    #[test]
    fn records_that_differ_have_other_digests() {
        let (a, b) = (Source { cluster: "ab".to_owned(), agent: "c".to_owned(), epoch: 1 }, "{}");
        let moved = Source { cluster: "a".to_owned(), agent: "bc".to_owned(), epoch: 1 };
        let of =
            |id, kind, at, origin, body: &'static str| Row { id, kind, at, origin, body: body.as_bytes() }.digest();
        let row = |id, at, origin, body| of(id, "observation", at, origin, body);
        let mut digests = [
            row(1, 2, Some((&a, 3)), b),
            row(2, 2, Some((&a, 3)), b),
            row(1, 3, Some((&a, 3)), b),
            row(1, 2, Some((&a, 4)), b),
            row(1, 2, Some((&moved, 3)), b),
            row(1, 2, None, b),
            row(1, 2, None, "{ }"),
            of(1, "decision", 2, None, b),
        ];
        digests.sort();
        assert!(digests.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
