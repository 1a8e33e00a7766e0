use std::os::unix::fs::symlink;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("epoch");
    replace(&path, 0o600, b"1").unwrap();
    // The temporary file of a killed process is replaced, even if it is a link, which is not followed.
    let other = folder.path().join("other");
    fs::write(&other, "as it was").unwrap();
    symlink(&other, unfinished(&path)).unwrap();
    replace(&path, 0o600, b"2").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"2");
    assert_eq!((fs::read_to_string(other).unwrap().as_str(), mode(&path)), ("as it was", 0o600));
    assert_eq!(names(folder.path()), ["epoch", "other"]);
}

#[test]
fn a_file_dropped_before_it_is_complete_leaves_the_target_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table");
    replace(&path, 0o600, b"old").unwrap();
    for create in [AtomicFile::create, AtomicFile::create_unique] {
        let mut unfinished = create(&path, 0o600).unwrap();
        unfinished.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        drop(unfinished);
        assert_eq!((names(folder.path()), fs::read(&path).unwrap()), (vec!["table".to_owned()], b"old".to_vec()));
    }
    // A folder has the name of the temporary file.
    fs::create_dir(unfinished(&path)).unwrap();
    replace(&path, 0o600, b"new").unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn of_several_writers_the_first_wins_if_the_file_must_be_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let (mut one, mut other) =
        (AtomicFile::create_unique(&path, 0o600).unwrap(), AtomicFile::create_unique(&path, 0o600).unwrap());
    one.write_all(b"one").unwrap();
    other.write_all(b"other").unwrap();
    one.persist_new().unwrap();
    assert_eq!(other.persist_new().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"one".to_vec(), 0o600));
    assert_eq!(names(folder.path()), ["key.pem"]);
}

#[test]
fn a_lock_is_exclusive_until_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let held = lock(&path, 0o600).unwrap();
    assert!(matches!(lock(&path, 0o600), Err(TryLockError::WouldBlock)));
    drop(held);
    // A child that another test forks shares the lock until it calls exec.
    while matches!(lock(&path, 0o600), Err(TryLockError::WouldBlock)) {}
    assert!(matches!(lock(&folder.path().join("none/lock"), 0o600), Err(TryLockError::Error(_))));
}
