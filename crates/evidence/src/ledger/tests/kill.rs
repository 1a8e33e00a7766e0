//! `kill -9` at every named point and at random ones: a child appends, seals, and prints what it acknowledged;
//! afterwards all of that is stored exactly once, and the ledger verifies.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jiff::SignedDuration;

use super::{at, clean, judgment, records, signer, small};
use crate::{Ledger, RecordKind, Settings, Source, kill_point};

const FOLDER: &str = "LANDFALL_LEDGER_TEST_FOLDER";
const ROUNDS: &str = "LANDFALL_LEDGER_TEST_ROUNDS";
const EXPIRE: &str = "LANDFALL_LEDGER_TEST_EXPIRE";

/// What the child does, as the operator does it: take in, acknowledge, judge what has no judgment yet.
#[test]
#[ignore = "the child of the tests below"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let rounds: u64 = std::env::var(ROUNDS).unwrap().parse().unwrap();
    let expire = std::env::var_os(EXPIRE).is_some();
    let keep_windows = if expire { SignedDuration::ZERO } else { SignedDuration::from_hours(24) };
    let mut ledger = Ledger::open_with(Path::new(&folder), signer(), 0, Settings { keep_windows, ..small() }).unwrap();
    let source = Source { cluster: "local".to_owned(), agent: "node-1".to_owned(), epoch: 1 };
    let mut stdout = std::io::stdout();
    for round in 0..rounds {
        let next = ledger.acknowledged(&source).unwrap().map_or(0, |seq| seq + 1);
        let bodies: Vec<_> = (next..next + 3).map(|seq| (seq, format!(r#"{{"seen":{seq}}}"#))).collect();
        let batch: Vec<_> = bodies.iter().map(|(seq, body)| (*seq, body.as_bytes())).collect();
        let taken = ledger.take(&source, &batch, at(0)).unwrap();
        writeln!(stdout, "\nacknowledged {}", taken.acknowledged.unwrap()).unwrap();
        stdout.flush().unwrap();
        let passed = ledger.cursor("judge").unwrap();
        let unjudged = ledger.since(passed, 1000).unwrap();
        let of_observations = unjudged.iter().filter(|record| record.kind == RecordKind::Observation);
        let bodies: Vec<_> = of_observations.map(|record| format!(r#"{{"of":{}}}"#, record.id)).collect();
        let judgments: Vec<_> = bodies.iter().map(|body| judgment(at(0), body)).collect();
        ledger.advance("judge", unjudged.last().unwrap().id, &judgments).unwrap();
        if round % 3 == 1 {
            while ledger.seal(at(1)).unwrap().is_some() {}
            if expire {
                ledger.expire(at(2)).unwrap();
            }
        }
    }
}

fn spawn(folder: &Path, rounds: u64, point: &str, expire: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "ledger::tests::kill::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(ROUNDS, rounds.to_string()).env(kill_point::VARIABLE, point);
    if expire {
        command.env(EXPIRE, "1");
    }
    command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// The numbers that a child acknowledges, until it ends.
fn acknowledgements(child: &mut Child) -> impl Iterator<Item = u64> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
}

/// Waits for the end; gives the number acknowledged last and whether it ended by itself.
fn end(mut child: Child) -> (Option<u64>, bool) {
    let last = acknowledgements(&mut child).last();
    (last, child.wait().unwrap().success())
}

/// Kills a child some time after so many acknowledgements; gives the number acknowledged last.
fn kill(mut child: Child, after: usize, pause: Duration) -> Option<u64> {
    let mut acknowledged = acknowledgements(&mut child);
    let before = acknowledged.by_ref().take(after).last();
    std::thread::sleep(pause);
    child.kill().unwrap();
    let last = acknowledged.last().or(before);
    assert!(!child.wait().unwrap().success());
    last
}

/// Everything acknowledged is stored once, and judged at most once.
fn check(folder: &Path, acknowledged: Option<u64>) {
    clean(folder, at(3));
    let records = records(folder);
    assert!(records.is_sorted_by(|a, b| a.id < b.id));
    let seen: Vec<u64> = records.iter().filter_map(|record| Some(record.origin.as_ref()?.seq)).collect();
    assert_eq!(seen, (0..seen.len() as u64).collect::<Vec<_>>());
    assert!(acknowledged.is_none_or(|last| (seen.len() as u64) > last), "{acknowledged:?} of {}", seen.len());
    let of: Vec<_> = records.iter().filter(|record| record.kind == RecordKind::Judgment).collect();
    let mut bodies: Vec<_> = of.iter().map(|record| &record.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), of.len(), "a judgment stands twice");
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_at_any_named_point() {
    for point in kill_point::ALL {
        let expire = point.starts_with("expire");
        for times in [0, 3] {
            let folder = tempfile::tempdir().unwrap();
            let (first, survived) = end(spawn(folder.path(), 12, &format!("{point}#{times}"), expire));
            assert!(!survived || (times > 0 && point.starts_with("open")), "{point} is passed {times} times");
            if expire {
                clean(folder.path(), at(3));
            } else if folder.path().join("ledger.db").exists() && !point.starts_with("open") {
                check(folder.path(), first);
            }
            let (last, survived) = end(spawn(folder.path(), 4, "", expire));
            assert!(survived, "after {point}");
            assert!(last >= first, "{last:?} {first:?}");
            if expire {
                clean(folder.path(), at(3));
            } else {
                check(folder.path(), last);
                let records = records(folder.path());
                let judged = records.iter().filter(|record| record.kind == RecordKind::Judgment).count();
                assert_eq!(judged * 2, records.len(), "every observation is judged in the end");
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_at_random() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = None;
    for run in 0..25 {
        let mut random = [0];
        getrandom::fill(&mut random).unwrap();
        let child = spawn(folder.path(), u64::MAX, "", false);
        // However slow the machine is, some runs come this far; others end before they have made the ledger.
        let acknowledged = kill(child, run % 4, Duration::from_millis(u64::from(random[0]) / 2));
        last = acknowledged.or(last);
        if last.is_some() {
            check(folder.path(), last);
        }
    }
    // Each run of four that are waited for takes in three observations an acknowledgement.
    assert!(last > Some(100), "{last:?}");
}
