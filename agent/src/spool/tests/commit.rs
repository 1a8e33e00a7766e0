//! Observations and a state: what a crash leaves at each step, and what a failing disk does.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::{super::small_disk::SmallDisk, *};

thread_local! {
    static STEP: RefCell<Option<Box<dyn FnMut()>>> = RefCell::default();
}

/// Called by [`Spool::commit`] after each step.
pub(in crate::spool) fn passed() {
    let step = STEP.take();
    if let Some(mut step) = step {
        step();
        STEP.set(Some(step));
    }
}

/// Runs `work`, and `step` after each step of it.
fn at_each_step<T>(step: impl FnMut() + 'static, work: impl FnOnce() -> T) -> T {
    STEP.set(Some(Box::new(step)));
    let result = work();
    STEP.set(None);
    result
}

/// A spool whose segments hold a few records.
fn open_small(folder: &Path) -> (Spool, Recovered) {
    loop {
        match Spool::open(folder, 8 * 1024) {
            Err(SpoolError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

fn copy(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

fn held(spool: &mut Spool) -> (Option<Value>, Vec<u64>) {
    (spool.state().cloned(), all(spool))
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// The folder as it was after each step of a commit of the records 3 to 60 and the state 2 after those below and the state 1.
fn steps() -> Vec<TempDir> {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open_small(folder.path());
    spool.commit(&entries(7, 0..3), &json!(1)).unwrap();
    let copies = std::rc::Rc::new(RefCell::new(Vec::new()));
    let (taken, path) = (std::rc::Rc::clone(&copies), folder.path().to_owned());
    at_each_step(move || taken.borrow_mut().push(copy(&path)), || spool.commit(&entries(7, 3..60), &json!(2)).unwrap());
    assert_eq!(held(&mut spool), (Some(json!(2)), (0..60).collect()));
    copies.take()
}

#[test]
fn observations_and_state_are_kept_together() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    assert_eq!(held(&mut spool), (None, vec![]));
    spool.append(&entries(7, 0..2)).unwrap();
    spool.commit(&entries(7, 2..4), &json!({ "next": 4 })).unwrap();
    spool.append(&entries(7, 4..5)).unwrap();
    spool.commit(&[], &json!({ "next": 5 })).unwrap();
    let expected = (Some(json!({ "next": 5 })), (0..5).collect());
    assert_eq!(held(&mut spool), expected);
    assert_eq!(spool.counters(), SpoolCounters { appended: 5, ..SpoolCounters::default() });
    drop(spool);
    let (mut spool, recovered) = open(&folder);
    assert_eq!(recovered, Recovered { records: 5, ..Recovered::default() });
    assert_eq!(held(&mut spool), expected);
}

#[test]
fn after_each_step_of_a_commit_all_of_it_is_in_force_or_nothing() {
    let steps = steps();
    let mut outcomes = Vec::new();
    for step in &steps {
        let (mut spool, recovered) = open_small(step.path());
        let (state, seqs) = held(&mut spool);
        assert_eq!((recovered.damaged, recovered.torn_bytes, recovered.foreign), (0, 0, vec![]));
        assert!(!names(step.path()).iter().any(|name| name.ends_with(".unfinished")));
        let is_new = state == Some(json!(2));
        assert_eq!((state, seqs), (Some(json!(1 + i32::from(is_new))), (0..if is_new { 60 } else { 3 }).collect()));
        outcomes.push(is_new);
        // Whatever was undone leaves nothing that counts later.
        if !is_new {
            spool.commit(&entries(7, 3..60), &json!(2)).unwrap();
        }
        drop(spool);
        let (mut spool, _) = open_small(step.path());
        assert_eq!(held(&mut spool), (Some(json!(2)), (0..60).collect()));
    }
    assert!(outcomes.is_sorted() && outcomes.len() > 6, "{outcomes:?}");
    assert!(
        outcomes.iter().filter(|is_new| !**is_new).count() > 4 && outcomes.ends_with(&[true, true]),
        "{outcomes:?}"
    );
}

#[test]
fn a_crash_while_a_commit_is_undone_changes_nothing() {
    for step in steps() {
        let copies = std::rc::Rc::new(RefCell::new(Vec::new()));
        let (taken, path) = (std::rc::Rc::clone(&copies), step.path().to_owned());
        let (mut spool, _) = at_each_step(move || taken.borrow_mut().push(copy(&path)), || open_small(step.path()));
        let expected = held(&mut spool);
        for copy in copies.take() {
            assert_eq!(held(&mut open_small(copy.path()).0), expected);
        }
    }
}

#[test]
fn a_state_file_that_ends_early_is_put_aside() {
    for step in [steps().swap_remove(0), steps().pop().unwrap()].into_iter().chain(steps()) {
        let path = step.path().join("state");
        let bytes = fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            let folder = copy(step.path());
            fs::write(folder.path().join("state"), &bytes[..cut]).unwrap();
            let (mut spool, recovered) = open_small(folder.path());
            assert_eq!(spool.state(), None, "{cut} bytes");
            assert_eq!(recovered.foreign, [folder.path().join("state.foreign")]);
            assert!(all(&mut spool).len() >= 3);
            spool.commit(&entries(9, 0..1), &json!(3)).unwrap();
            drop(spool);
            assert_eq!(open_small(folder.path()).0.state(), Some(&json!(3)));
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(open_small(step.path()).0.state(), None, "byte {at}");
        }
    }
}

#[test]
fn a_commit_whose_segments_were_delivered_stays_in_force() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    // The state file cannot be written once the segment has its name.
    let (segment, obstacle) = (Segment::path(folder.path(), 1), folder.path().join("state.unfinished"));
    let made = obstacle.clone();
    at_each_step(
        move || {
            if segment.exists() && !made.exists() {
                fs::create_dir(&made).unwrap();
            }
        },
        || spool.commit(&entries(7, 0..3), &json!(1)).unwrap(),
    );
    assert!(fs::read_to_string(folder.path().join("state")).unwrap().contains("\"pending\":{\"first\":1,\"last\":1}"));
    let last = spool.peek(usize::MAX, usize::MAX).unwrap().records.pop().unwrap();
    spool.acknowledge(last.position).unwrap();
    assert_eq!(segments(&folder).len(), 0);
    drop(spool);
    fs::remove_dir(obstacle).unwrap();
    let (mut spool, _) = open(&folder);
    assert_eq!(held(&mut spool), (Some(json!(1)), vec![]));
    spool.append(&entries(7, 3..4)).unwrap();
    assert_eq!(held(&mut spool), (Some(json!(1)), vec![3]));
}

#[test]
fn nothing_is_written_after_a_commit_that_cannot_be_undone() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    spool.commit(&entries(7, 0..3), &json!(1)).unwrap();
    // A folder takes the name of the next segment.
    let obstacle = Segment::path(folder.path(), 2);
    fs::create_dir(&obstacle).unwrap();
    assert!(spool.commit(&entries(7, 3..6), &json!(2)).is_err());
    assert!(spool.append(&entries(7, 3..4)).is_err());
    assert!(spool.commit(&[], &json!(2)).is_err());
    assert_eq!(held(&mut spool), (Some(json!(1)), (0..3).collect()));
    fs::remove_dir(obstacle).unwrap();
    spool.append(&entries(7, 3..4)).unwrap();
    spool.commit(&entries(7, 4..6), &json!(2)).unwrap();
    drop(spool);
    assert_eq!(held(&mut open(&folder).0), (Some(json!(2)), (0..6).collect()));
}

#[test]
fn a_line_beyond_measure_is_in_the_quarantine_once() {
    let folder = TempDir::new().unwrap();
    let (mut spool, _) = open(&folder);
    let long = Entry { epoch: 7, seq: 1, line: "x".repeat(MAX_LINE + 1) };
    spool.commit(&[entry(7, 0), long, entry(7, 2)], &json!(1)).unwrap();
    assert_eq!((all(&mut spool), spool.counters().quarantine), (vec![0, 2], [0, 0, 1]));
    assert_eq!(spool.state(), Some(&json!(1)));
}

#[test]
fn a_full_disk_refuses_a_commit_as_a_whole() {
    let Some(disk) = SmallDisk::mount("256k") else { return };
    let path = disk.path().join("spool");
    let open = || loop {
        match Spool::open(&path, CAP) {
            Err(SpoolError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap().0,
        }
    };
    let mut spool = open();
    let (mut next, mut refusals, mut got) = (0, 0, Vec::new());
    while next < 4000 {
        let end = next + 200;
        match spool.commit(&entries(7, next..end), &json!(end)) {
            Ok(()) => next = end,
            Err(error) => {
                refusals += 1;
                assert!(error.to_string().contains("commit observations"), "{error}");
                assert_eq!(spool.state(), Some(&json!(next)));
                drop(spool);
                spool = open();
                assert_eq!(spool.state(), Some(&json!(next)));
                let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
                got.extend(seqs(&peeked));
                spool.acknowledge(peeked.records.last().unwrap().position).unwrap();
            }
        }
    }
    assert!(refusals > 0);
    got.extend(all(&mut spool));
    assert_eq!(got, (0..4000).collect::<Vec<_>>());
}
