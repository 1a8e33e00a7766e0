//! A full disk: a small file system of its own, in a mount namespace of the test's own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{at, clean, judgment, numbers, seal_all, signer, source};
use crate::{Ledger, LedgerError};

const FOLDER: &str = "LANDFALL_LEDGER_TEST_DISK";

#[test]
fn what_finds_no_room_is_an_error_and_afterwards_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o size=16m none "$1" && shift && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", mount, "sh"]).arg(folder.path()).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "ledger::tests::full_disk::child", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder.path());
    let probe = Command::new("unshare")
        .args(["-m", "sh", "-c", r#"mount -t tmpfs -o size=1m none "$1""#, "sh"])
        .arg(folder.path())
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mounting a small file system needs root and `unshare`");
        return;
    }
    assert!(command.status().unwrap().success());
}

#[test]
#[ignore = "the child of the test above, with a small disk"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let disk = Path::new(&folder);
    let folder = disk.join("ledger");
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 8 << 20]).unwrap();
    let mut ledger = Ledger::open(&folder, signer(), 0).unwrap();
    let body = format!(r#"{{"text":"{}"}}"#, "x".repeat(10_000));
    let mut next = 0;
    let mut take = |ledger: &mut Ledger| {
        let batch: Vec<(u64, &[u8])> = (next..next + 5).map(|seq| (seq, body.as_bytes())).collect();
        let taken = ledger.take(&source(), &batch, at(0));
        next += if taken.is_ok() { 5 } else { 0 };
        (taken, next)
    };
    let mut fill = |ledger: &mut Ledger| loop {
        if let (Err(error), acknowledged) = take(ledger) {
            assert!(matches!(error, LedgerError::NoSpace(_)) && error.is_retryable(), "{error:?}");
            return acknowledged;
        }
    };
    let acknowledged = fill(&mut ledger);
    assert!(acknowledged > 50, "{acknowledged}");
    let nothing_changed = |ledger: &Ledger, acknowledged: u64| {
        assert_eq!(ledger.acknowledged(&source()).unwrap(), Some(acknowledged - 1));
        assert_eq!(numbers(&folder), (0..acknowledged).collect::<Vec<_>>());
        assert_eq!(clean(&folder, at(0)).not_yet_sealed, Some(acknowledged));
    };
    nothing_changed(&ledger, acknowledged);
    // The last byte is gone, too: sealing finds no room, and nothing is half there.
    let mut rest = fs::File::create(disk.join("rest")).unwrap();
    while std::io::Write::write_all(&mut rest, &[0; 512]).is_ok() {}
    let error = ledger.seal(at(1)).unwrap_err();
    assert!(matches!(error, LedgerError::NoSpace(_)), "{error:?}");
    assert_eq!(fs::read_dir(folder.join("segments")).unwrap().count(), 0);
    // The log may have had room left, up to its last page.
    let acknowledged = fill(&mut ledger);
    nothing_changed(&ledger, acknowledged);
    drop(ledger);

    // A restart on the full disk may fail, but must not harm.
    drop(Ledger::open(&folder, signer(), 0));
    fs::remove_file(&ballast).unwrap();
    fs::remove_file(disk.join("rest")).unwrap();
    let mut ledger = Ledger::open(&folder, signer(), 0).unwrap();
    nothing_changed(&ledger, acknowledged);
    ledger.append(&[judgment(at(1), &body)]).unwrap();
    let (taken, acknowledged) = take(&mut ledger);
    taken.unwrap();
    seal_all(&mut ledger, at(2));
    assert_eq!(clean(&folder, at(2)).not_yet_sealed, Some(0));
    assert_eq!(numbers(&folder), (0..acknowledged).collect::<Vec<_>>());
}
