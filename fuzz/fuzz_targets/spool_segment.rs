//! A segment of the spool: it opens whatever it holds, and shows no more than was in it.
#![no_main]

use landfall_agent::spool::{Entry, Spool};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let folder = std::env::temp_dir().join(format!("landfall-fuzz-spool-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    // With the header that is expected, so that what is behind it is looked at.
    let mut segment = b"LFSPOOL\x01".to_vec();
    segment.extend(1_u64.to_le_bytes());
    segment.extend([0x84, 0x2e, 0x16, 0x87]);
    segment.extend(data);
    std::fs::write(folder.join("00000000000000000001.spool"), &segment).expect("a segment");
    std::fs::write(folder.join("00000000000000000002.spool"), data).expect("a segment");
    let (mut spool, recovered) = Spool::open(&folder, 1 << 20).expect("it opens");
    let peeked = spool.peek(usize::MAX, usize::MAX).expect("it reads");
    assert!(peeked.records.len() as u64 <= recovered.records);
    assert!(recovered.torn_bytes as usize <= data.len());
    spool.append(&[Entry { epoch: 1, seq: 0, line: "{}".to_owned() }]).expect("it takes more");
    assert_eq!(spool.usage().records, recovered.records + 1);
    drop(spool);
    let _ = std::fs::remove_dir_all(&folder);
});
