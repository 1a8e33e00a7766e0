//! Which records of the ledger somebody asks the operator for. The module is taken by its file, for the crate would bring the
//! client of the API server along.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[path = "../../operator/src/serving/ledger/query.rs"]
mod query;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Err(error) = text.parse::<query::Query>() else { return };
    assert!(error.to_string().is_ascii());
});
