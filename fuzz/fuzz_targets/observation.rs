#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(line) = std::str::from_utf8(data)
        && let Ok(observation) = landfall_observation::decode(line)
    {
        let again = landfall_observation::decode(&landfall_observation::encode(&observation)).expect("what is written can be read");
        assert_eq!(again, observation);
    }
});
