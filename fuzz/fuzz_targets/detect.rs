//! Any bytes under any hint: no panic, spans inside the input, and the same result however they are cut.

#![no_main]

use landfall_detect::{Hint, State, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [selector, cut, bytes @ ..] = data else { return };
    let hint = [Hint::Text, Hint::Json, Hint::Form, Hint::Headers][usize::from(selector % 4)];
    let mut whole = State::with_spans();
    scan(&mut whole, bytes, hint);
    let whole = whole.finish_with_spans();
    assert!(whole.1.iter().all(|span| span.start < span.end && span.end <= bytes.len() as u64));

    let mut cut_up = State::with_spans();
    for chunk in bytes.chunks(usize::from(*cut).max(1)) {
        scan(&mut cut_up, chunk, hint);
    }
    assert_eq!(cut_up.finish_with_spans(), whole);
});
