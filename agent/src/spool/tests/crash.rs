//! Crashes: kill -9 while writing, and a full disk.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use super::{super::small_disk::SmallDisk, *};

const FOLDER: &str = "LANDFALL_TEST_SPOOL";

/// The other process: appends and acknowledges as fast as it can, and prints what it did.
#[test]
#[ignore = "runs inside of a_process_killed_at_any_point_loses_nothing"]
fn writes_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let (mut spool, _) = Spool::open(Path::new(&folder), 256 * 1024).unwrap();
    let epoch = spool.begin_epoch(Timestamp::now()).unwrap();
    for seq in 0.. {
        spool.append(&[entry(epoch, seq)]).unwrap();
        println!("\nappended {epoch} {seq}");
        if seq % 3 == 0 {
            let peeked = spool.peek(2, usize::MAX).unwrap();
            for record in peeked.records {
                println!("\nacknowledging {} {}", peeked.epoch, record.seq);
                spool.acknowledge(record.position).unwrap();
                println!("\nacknowledged {} {}", peeked.epoch, record.seq);
            }
        }
    }
}

#[test]
fn a_process_killed_at_any_point_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let mut appended: BTreeMap<u64, u64> = BTreeMap::new();
    // The newest record, by epoch and number, whose acknowledgement the process reported as begun or done.
    let (mut asked, mut done) = (None, None);
    for round in 0..25 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "spool::tests::crash::writes_until_it_is_killed"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (says, said) = mpsc::channel();
        let reader = std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|l| says.send(l)));
        // However slow the machine is, some rounds come this far; others end before anything was appended.
        let awaited = if round % 2 == 0 { 40 * round } else { 0 };
        let is_word = |line: &String| line.starts_with("append") || line.starts_with("acknowledg");
        let mut words: u64 = 0;
        let mut lines = Vec::new();
        while words < awaited
            && let Ok(line) = said.recv()
        {
            words += u64::from(is_word(&line));
            lines.push(line);
        }
        std::thread::sleep(Duration::from_millis(round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap().unwrap();
        lines.extend(said);
        for line in lines {
            let words: Vec<_> = line.split(' ').collect();
            let [what, epoch, seq] = words.as_slice() else { continue };
            let (Ok(epoch), Ok(seq)) = (epoch.parse(), seq.parse()) else { continue };
            match *what {
                "appended" => drop(appended.insert(epoch, seq)),
                "acknowledging" => asked = Some((epoch, seq)),
                "acknowledged" => done = Some((epoch, seq)),
                _ => {}
            }
        }
        let (mut spool, recovered) = open(&folder);
        assert_eq!((recovered.damaged, recovered.foreign), (0, vec![]), "round {round}");
        let mut left = Vec::new();
        loop {
            let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
            let Some(last) = peeked.records.last() else { break };
            left.extend(peeked.records.iter().map(|record| (peeked.epoch, record.seq)));
            // Looked at beyond this epoch by a copy of the head alone.
            spool.head = last.position;
        }
        let first = left.first().copied();
        assert!(left.is_sorted(), "in order");
        for (&epoch, &newest) in &appended {
            let kept: Vec<_> = left.iter().filter(|(of, _)| *of == epoch).map(|(_, seq)| *seq).collect();
            let from = match done {
                Some((of, seq)) if of == epoch => seq + 1,
                Some((of, _)) if of > epoch => continue,
                _ => 0,
            };
            let from = if asked == Some((epoch, from)) && first != Some((epoch, from)) { from + 1 } else { from };
            assert!(kept.len() as u64 >= (newest + 1).saturating_sub(from), "round {round}, epoch {epoch}: {kept:?}");
            assert!(kept.iter().copied().eq((from..).take(kept.len())), "round {round}, epoch {epoch}: {kept:?}");
        }
    }
    assert!(appended.len() > 10 && done.is_some(), "{appended:?}");
}

#[test]
fn a_full_disk_refuses_and_takes_the_rest_when_it_has_room() {
    let Some(disk) = SmallDisk::mount("256k") else { return };
    let path = disk.path().join("spool");
    let (mut spool, _) = Spool::open(&path, CAP).unwrap();
    let mut waiting = entries(7, 0..4000);
    let mut got = Vec::new();
    let mut refusals = 0;
    while !waiting.is_empty() {
        let chunk = waiting.len().min(700);
        let appended = match spool.append(&waiting[..chunk]) {
            Ok(()) => chunk,
            Err(AppendError { appended, source, .. }) => {
                assert_eq!(source.kind(), io::ErrorKind::StorageFull);
                refusals += 1;
                appended
            }
        };
        waiting.drain(..appended);
        if appended == 0 {
            let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
            assert!(!peeked.records.is_empty());
            got.extend(seqs(&peeked));
            spool.acknowledge(peeked.records.last().unwrap().position).unwrap();
        }
    }
    assert!(refusals > 0);
    drop(spool);
    let (mut spool, recovered) = loop {
        match Spool::open(&path, CAP) {
            Err(SpoolError::Locked { .. }) => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    assert_eq!((recovered.torn_bytes, recovered.damaged), (0, 0));
    got.extend(all(&mut spool));
    assert_eq!(got, (0..4000).collect::<Vec<_>>());
}
