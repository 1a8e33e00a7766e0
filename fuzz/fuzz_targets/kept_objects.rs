//! What the operator reads of the last good forms that it kept. The module is taken by its file, for the crate would bring
//! the client of the API server along.
#![no_main]
use landfall_evidence::Digest;
use libfuzzer_sys::fuzz_target;

#[path = "../../operator/src/register/last_good_forms.rs"]
mod last_good_forms;

fuzz_target!(|data: &[u8]| {
    let _ = last_good_forms::read(data);
    // As the content of a file that was written.
    let head = format!("{{\"schema\":\"landfall.register/v1\",\"sha256\":\"{}\"}}\n", Digest::hash(data));
    let Ok((_, objects)) = last_good_forms::read(&[head.as_bytes(), data].concat()) else { return };
    let (digest, bytes) = last_good_forms::write(&objects);
    assert_eq!(last_good_forms::read(&bytes).expect("what was read once can be written and read"), (digest, objects));
});
