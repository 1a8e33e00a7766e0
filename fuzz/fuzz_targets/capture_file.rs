//! Reads arbitrary bytes as a capture file, compressed or not, to its end.
#![no_main]

use std::io::Cursor;

use landfall_agent::source::CaptureFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(mut file) = CaptureFile::from_reader("fuzz", Cursor::new(data.to_vec())) else { return };
    while let Ok(Some(frame)) = file.next_frame() {
        assert!(frame.data.len() <= 16 * 1024 * 1024);
    }
});
