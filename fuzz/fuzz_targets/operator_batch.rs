//! What the operator reads of a delivery. Its modules are taken by their files, for the crate would bring the client of
//! the API server along.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[path = "../../operator/src/ingest/batch.rs"]
#[expect(dead_code, reason = "the rest is for the endpoint")]
mod batch;
#[path = "../../operator/src/ingest/refusal.rs"]
mod refusal;

pub use refusal::{Refusal, RefusalKind};

fuzz_target!(|data: &[u8]| {
    let Some((is_compressed, body)) = data.split_first() else { return };
    let Ok(batch) = batch::read(body, is_compressed & 1 == 1) else { return };
    assert!((1..=batch::MAX_RECORDS).contains(&batch.observations.len()));
    assert!(batch.observations.is_sorted_by(|(one, ..), (next, ..)| one < next));
    let mut text = String::new();
    for (seq, line, observation) in &batch.observations {
        let identity = &observation.identity;
        assert_eq!((identity.seq, identity.epoch), (*seq, batch.source.epoch));
        assert_eq!((&identity.cluster, &identity.agent), (&batch.source.cluster, &batch.source.agent));
        text += line;
        text.push('\n');
    }
    // The same lines are the same batch, compressed or not.
    let compressed = zstd::bulk::compress(text.as_bytes(), 1).expect("text can be compressed");
    for again in [batch::read(text.as_bytes(), false), batch::read(&compressed, true)] {
        let again = again.expect("what was read once can be read again");
        assert_eq!(again.source, batch.source);
        let observations = again.observations.iter().map(|(.., one)| one);
        assert!(observations.eq(batch.observations.iter().map(|(.., one)| one)));
    }
});
