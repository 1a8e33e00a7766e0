use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
};

use tempfile::TempDir;

use super::{record::MAX_LINE, segment::HEADER, *};

pub(in crate::spool) mod commit;
mod crash;
mod crash_of_commits;

const CAP: u64 = 64 * 1024 * 1024;

fn entry(epoch: u64, seq: u64) -> Entry {
    Entry { epoch, seq, line: format!("{{\"seq\":{seq},\"padding\":\"{}\"}}", "x".repeat((seq % 50) as usize)) }
}

fn entries(epoch: u64, seqs: std::ops::Range<u64>) -> Vec<Entry> {
    seqs.map(|seq| entry(epoch, seq)).collect()
}

/// Retries, because a child that another test forks shares the lock until it calls exec.
fn open(folder: &TempDir) -> (Spool, Recovered) {
    loop {
        match Spool::open(folder.path(), CAP) {
            Err(SpoolError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

fn seqs(peeked: &Peeked) -> Vec<u64> {
    peeked.records.iter().map(|record| record.seq).collect()
}

fn all(spool: &mut Spool) -> Vec<u64> {
    seqs(&spool.peek(usize::MAX, usize::MAX).unwrap())
}

fn segments(folder: &TempDir) -> Vec<PathBuf> {
    let numbers = Segment::list(folder.path()).unwrap();
    numbers.into_iter().map(|number| Segment::path(folder.path(), number)).collect()
}

fn quarantined(folder: &TempDir) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(folder.path().join(quarantine::NAME)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn records_stay_until_they_are_acknowledged() {
    let folder = TempDir::new().unwrap();
    let (mut spool, recovered) = open(&folder);
    assert_eq!(recovered, Recovered::default());
    spool.append(&entries(7, 0..10)).unwrap();
    let peeked = spool.peek(4, usize::MAX).unwrap();
    let expected: Vec<_> = entries(7, 0..4).into_iter().map(|entry| (entry.seq, entry.line)).collect();
    assert_eq!(peeked.records.iter().map(|r| (r.seq, r.line.clone())).collect::<Vec<_>>(), expected);
    assert_eq!(all(&mut spool), (0..10).collect::<Vec<_>>());

    spool.acknowledge(peeked.records[2].position).unwrap();
    assert_eq!(all(&mut spool), (3..10).collect::<Vec<_>>());
    let usage = spool.usage();
    assert_eq!(usage.records, 7);
    assert!(usage.oldest.unwrap() <= Timestamp::now());

    drop(spool);
    let (mut spool, recovered) = open(&folder);
    assert_eq!(recovered, Recovered { records: 7, ..Recovered::default() });
    assert_eq!(all(&mut spool), (3..10).collect::<Vec<_>>());
    spool.append(&entries(7, 10..12)).unwrap();
    let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
    assert_eq!(seqs(&peeked), (3..12).collect::<Vec<_>>());
    spool.acknowledge(peeked.records[8].position).unwrap();
    assert_eq!(spool.usage().records, 0);
    assert_eq!(spool.counters(), SpoolCounters { appended: 2, acknowledged: 9, ..SpoolCounters::default() });
    assert_eq!(segments(&folder).len(), 1, "the segment of the earlier run is given back");
}

#[test]
fn a_batch_is_bounded_and_of_one_epoch() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.append(&entries(7, 0..3)).unwrap();
    spool.append(&entries(9, 0..100)).unwrap();
    let first = spool.peek(10, usize::MAX).unwrap();
    assert_eq!((first.epoch, seqs(&first)), (7, vec![0, 1, 2]));
    spool.acknowledge(first.records[2].position).unwrap();
    let size = |seqs: std::ops::Range<u64>| seqs.map(|seq| entry(9, seq).line.len() + 1).sum::<usize>();
    for (limit, expected) in [(1, 1), (size(0..5), 5), (size(0..5) - 1, 4), (size(0..6) - 1, 5)] {
        let peeked = spool.peek(usize::MAX, limit).unwrap();
        assert_eq!((peeked.epoch, seqs(&peeked)), (9, (0..expected).collect()), "{limit}");
    }
}

#[test]
fn segments_are_given_back_when_they_are_acknowledged() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = Spool::open(folder.path(), 8 * 4096).unwrap();
    for seq in 0..400 {
        spool.append(&[entry(7, seq)]).unwrap();
    }
    let many = segments(&folder).len();
    assert!(many >= 8, "{many}");
    assert!(!spool.has_room());
    assert_eq!(
        spool.usage().bytes,
        segments(&folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum::<u64>()
    );
    for at in 0..400 {
        let peeked = spool.peek(1, usize::MAX).unwrap();
        assert_eq!(seqs(&peeked), [at]);
        spool.acknowledge(peeked.records[0].position).unwrap();
    }
    assert!(spool.has_room());
    assert_eq!(all(&mut spool), [0; 0]);
    assert!(segments(&folder).len() <= 1, "one may be in use");
    spool.append(&entries(7, 400..401)).unwrap();
    assert_eq!(all(&mut spool), [400]);
}

#[test]
fn what_is_made_is_appended_above_the_cap() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = Spool::open(folder.path(), 1000).unwrap();
    assert!(spool.has_room());
    spool.append(&entries(7, 0..100)).unwrap();
    assert!(!spool.has_room());
    spool.append(&entries(7, 100..200)).unwrap();
    assert_eq!(all(&mut spool).len(), 200);
}

#[test]
fn a_refused_record_is_in_the_quarantine_and_is_not_shown_again() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.append(&entries(7, 0..6)).unwrap();
    let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
    spool.quarantine(&peeked.records[2..4], 7, "WindowTooOld: expected\u{1b} a window").unwrap();
    assert_eq!(all(&mut spool), [0, 1, 4, 5]);
    assert_eq!(spool.usage().records, 4);
    spool.acknowledge(peeked.records[1].position).unwrap();
    assert_eq!(all(&mut spool), [4, 5]);
    spool.quarantine(&peeked.records[5..], 7, "").unwrap();
    spool.acknowledge(peeked.records[4].position).unwrap();
    assert_eq!((all(&mut spool), spool.usage().records), (vec![], 0));
    assert_eq!(spool.counters(), SpoolCounters { appended: 6, acknowledged: 3, quarantine: [3, 0, 0], not_kept: 0 });
    let lines = quarantined(&folder);
    let [first, ..] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(first["reason"], "refused");
    assert_eq!(first["message"], "WindowTooOld: expected a window");
    assert_eq!((&first["epoch"], &first["seq"]), (&7.into(), &2.into()));
    assert_eq!(first["observation"]["seq"], 2);
    drop(spool);
    assert_eq!(open(&folder).1.records, 0);
}

#[test]
fn a_line_beyond_measure_goes_to_the_quarantine() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    let long = Entry { epoch: 7, seq: 1, line: "x".repeat(MAX_LINE + 1) };
    spool.append(&[entry(7, 0), long, entry(7, 2)]).unwrap();
    assert_eq!(all(&mut spool), [0, 2]);
    assert_eq!(spool.counters().quarantine, [0, 0, 1]);
    assert_eq!(quarantined(&folder)[0]["reason"], "too-long");
}

#[test]
fn the_quarantine_has_a_cap() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    let long = |seq| Entry { epoch: 7, seq, line: format!("\"{}\"", "x".repeat(MAX_LINE - 2)) };
    let refuse = |spool: &mut Spool, seq| {
        spool.append(&[long(seq)]).unwrap();
        let peeked = spool.peek(1, usize::MAX).unwrap();
        spool.quarantine(&peeked.records, 7, "Malformed").unwrap();
    };
    for seq in 0..20 {
        refuse(&mut spool, seq);
    }
    assert_eq!(spool.counters(), SpoolCounters { appended: 20, quarantine: [20, 0, 0], not_kept: 5, acknowledged: 0 });
    assert_eq!(quarantined(&folder).len(), 15);

    // Removing or emptying the file makes room while the agent runs.
    let file = folder.path().join(quarantine::NAME);
    fs::rename(&file, folder.path().join("taken-away.ndjson")).unwrap();
    refuse(&mut spool, 20);
    assert_eq!((quarantined(&folder).len(), spool.counters().not_kept), (1, 5));
    for seq in 21..36 {
        refuse(&mut spool, seq);
    }
    assert_eq!((quarantined(&folder).len(), spool.counters().not_kept), (15, 6));
    fs::write(&file, b"").unwrap();
    refuse(&mut spool, 36);
    assert_eq!((quarantined(&folder)[0]["seq"].as_u64(), spool.counters().not_kept), (Some(36), 6));
}

#[test]
fn an_epoch_is_later_than_all_before_it_whatever_the_clock_says() {
    let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    assert_eq!(spool.begin_epoch(at(5000)).unwrap(), 5000);
    drop(spool);
    let (mut spool, _) = open(&folder);
    assert_eq!(spool.begin_epoch(at(1000)).unwrap(), 5001);
    assert_eq!(spool.begin_epoch(at(-1000)).unwrap(), 5002);
    spool.append(&[entry(9000, 0)]).unwrap();
    drop(spool);
    fs::remove_file(folder.path().join("epoch")).unwrap();
    let (mut spool, _) = open(&folder);
    assert_eq!(spool.begin_epoch(at(1000)).unwrap(), 9001);
}

#[test]
fn a_folder_has_one_agent() {
    let folder = TempDir::new().unwrap();
    let (spool, _) = open(&folder);
    assert!(matches!(Spool::open(folder.path(), CAP), Err(SpoolError::Locked { .. })));
    drop(spool);
    open(&folder);
}

#[test]
fn a_record_that_the_disk_loses_is_named_and_the_others_stay() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.append(&entries(7, 0..4)).unwrap();
    let second = spool.peek(1, usize::MAX).unwrap().records[0].position.offset;
    let file = OpenOptions::new().write(true).open(&segments(&folder)[0]).unwrap();
    file.write_all_at(b"?", u64::from(second) + 40).unwrap();
    assert_eq!(all(&mut spool), [0, 2, 3]);
    assert_eq!(all(&mut spool), [0, 2, 3]);
    assert_eq!(spool.counters().quarantine, [0, 1, 0]);

    drop(spool);
    let (mut spool, recovered) = open(&folder);
    assert_eq!(recovered, Recovered { records: 3, damaged: 1, ..Recovered::default() });
    assert_eq!(all(&mut spool), [0, 2, 3]);
    assert_eq!(quarantined(&folder)[1]["reason"], "damaged");
}

#[test]
fn files_that_are_not_ours_are_put_aside() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.append(&entries(7, 0..2)).unwrap();
    drop(spool);
    let foreign = Segment::path(folder.path(), 9);
    fs::write(&foreign, b"something else entirely, longer than a header").unwrap();
    let (mut spool, recovered) = open(&folder);
    assert_eq!(recovered.foreign, [foreign.with_extension("foreign")]);
    assert_eq!(all(&mut spool), [0, 1]);
    spool.append(&entries(7, 2..3)).unwrap();
    assert_eq!(all(&mut spool), [0, 1, 2]);
}

#[test]
fn every_prefix_of_a_segment_gives_the_records_that_are_whole() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.append(&entries(7, 0..12)).unwrap();
    let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
    let ends: Vec<_> = peeked.records.iter().map(|record| record.position.offset as usize).collect();
    drop(spool);
    let path = segments(&folder).remove(0);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.len() <= 4096, "{}", bytes.len());
    for cut in 0..=bytes.len() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(path.file_name().unwrap()), &bytes[..cut]).unwrap();
        let (mut spool, recovered) = open(&folder);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let begin = if whole == 0 { HEADER } else { ends[whole - 1] };
        assert_eq!(all(&mut spool), (0..whole as u64).collect::<Vec<_>>(), "{cut} bytes");
        assert_eq!(recovered.torn_bytes, cut.saturating_sub(begin) as u64, "{cut} bytes");
        assert_eq!((recovered.damaged, recovered.foreign), (0, vec![]));
        // The incomplete record was truncated, and later records are read.
        spool.append(&entries(8, 0..1)).unwrap();
        drop(spool);
        let (spool, recovered) = open(&folder);
        assert_eq!((recovered.torn_bytes, spool.usage().records), (0, whole as u64 + 1), "{cut} bytes");
    }
}
