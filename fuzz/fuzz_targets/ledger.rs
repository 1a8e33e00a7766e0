#![no_main]

use std::sync::OnceLock;

use landfall_evidence::{Head, NotedHead, PublicKey, Records, SignedManifest, Signer};
use libfuzzer_sys::fuzz_target;

static KEY: OnceLock<PublicKey> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = SignedManifest::parse(data) {
        let again = SignedManifest::parse(&signed.to_bytes()).expect("what was read can be written and read");
        assert_eq!(again, signed);
    }
    // As it stands, and as the content of compressed data.
    let mut count = 0;
    for record in Records::new(data).into_iter().flatten().take(10_000) {
        if record.is_err() {
            break;
        }
        count += 1;
    }
    assert!(count <= 10_000);
    let _ = landfall_evidence::Record::from_line(data).map(|record| {
        let line = record.to_line().expect("what was read can be written");
        assert_eq!(landfall_evidence::Record::from_line(&line).expect("and read again"), record);
    });
    if let Ok(text) = str::from_utf8(data) {
        let _ = (Signer::from_pem(text), PublicKey::from_pem(text));
        if let Ok(head) = text.parse::<Head>() {
            assert_eq!(head.to_string(), text);
        }
    }
    let key = KEY.get_or_init(|| Signer::generate().expect("the system gives random numbers").public());
    let _ = NotedHead::read(data, key).map(|heads| assert!(!heads.is_empty()));
});
