#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match landfall_register::load_text("fuzz.yaml", text) {
        Ok(register) => {
            let compiled = landfall_register::compile(&register);
            assert_eq!(compiled.ruleset.version, landfall_register::compile(&register).ruleset.version);
        }
        Err(errors) => assert!(errors.to_string().lines().count() >= errors.as_slice().len()),
    }
});
