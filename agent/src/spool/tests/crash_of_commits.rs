//! kill -9 while observations and state are committed and delivered.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::json;

use super::*;

const FOLDER: &str = "LANDFALL_TEST_SPOOL_OF_COMMITS";
const DELIVERED: &str = "delivered.txt";

fn open_at(folder: &Path) -> Spool {
    loop {
        match Spool::open(folder, 8 * 1024) {
            Err(SpoolError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap().0,
        }
    }
}

fn next(spool: &Spool) -> u64 {
    spool.state().map_or(0, |state| state["next"].as_u64().unwrap())
}

/// Writes down what is delivered, then acknowledges it: a kill between the two delivers it again, under the same number.
fn deliver(spool: &mut Spool, folder: &Path, records: usize) -> usize {
    let peeked = spool.peek(records, usize::MAX).unwrap();
    let Some(last) = peeked.records.last() else { return 0 };
    let mut file = OpenOptions::new().append(true).create(true).open(folder.join(DELIVERED)).unwrap();
    for record in &peeked.records {
        file.write_all(format!("{} {} {}\n", peeked.epoch, record.seq, record.line).as_bytes()).unwrap();
    }
    spool.acknowledge(last.position).unwrap();
    peeked.records.len()
}

/// The other process: accounts for numbers, one an observation, as fast as it can.
#[test]
#[ignore = "runs inside of what_is_committed_is_delivered_once_however_often_the_process_is_killed"]
fn commits_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let mut spool = open_at(&folder.join("spool"));
    let epoch = spool.begin_epoch(Timestamp::now()).unwrap();
    let (mut seq, mut begin) = (0, next(&spool));
    for round in 0.. {
        let end = begin + [1, 150, 0, 7][round % 4];
        let made: Vec<_> = (begin..end)
            .map(|number| {
                seq += 1;
                Entry { epoch, seq, line: number.to_string() }
            })
            .collect();
        spool.commit(&made, &json!({ "next": end })).unwrap();
        begin = end;
        if round % 3 == 0 {
            deliver(&mut spool, folder, 60);
        }
        println!("\ncommitted");
    }
}

#[test]
fn what_is_committed_is_delivered_once_however_often_the_process_is_killed() {
    let folder = TempDir::new().unwrap();
    for round in 0..30 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("spool::tests::crash_of_commits::commits_until_it_is_killed")
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut commits = output.lines().map_while(Result::ok).filter(|line| line == "committed");
        assert_eq!(commits.by_ref().take(round % 7).count(), round % 7);
        std::thread::sleep(Duration::from_micros(u64::try_from(round * 397).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut spool = open_at(&folder.path().join("spool"));
    while deliver(&mut spool, folder.path(), 1000) > 0 {}
    let text = fs::read_to_string(folder.path().join(DELIVERED)).unwrap();
    let mut delivered = BTreeMap::new();
    for line in text.lines() {
        let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let known = delivered.insert((numbers[0], numbers[1]), numbers[2]);
        assert!(known.is_none_or(|known| known == numbers[2]), "{line}");
    }
    let numbers: BTreeSet<_> = delivered.values().copied().collect();
    assert_eq!(numbers.len(), delivered.len(), "none twice");
    assert!(numbers.into_iter().eq(0..next(&spool)), "none lost");
    assert!(next(&spool) > 100);
}
