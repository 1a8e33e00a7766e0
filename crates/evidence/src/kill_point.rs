//! Named points between two steps at which a test kills the process (`kill -9`). They do nothing outside
//! the tests of this crate.

/// The environment variable that names the point, and after a `#` how often it is passed before the process is killed.
#[cfg(test)]
pub(crate) const VARIABLE: &str = "LANDFALL_LEDGER_KILL_POINT";

/// The points, in the order in which a run passes them.
#[cfg(test)]
pub(crate) const ALL: [&str; 15] = [
    "open: before the epoch is stored",
    "open: public key written",
    "take: before the commit",
    "take: after the commit",
    "advance: before the commit",
    "seal: some records written",
    "seal: data written",
    "seal: data in place",
    "seal: leaves written",
    "seal: leaves in place",
    "seal: manifest written",
    "seal: manifest in place",
    "seal: before the mark",
    "seal: after the mark",
    "expire: data removed",
];

#[cfg(test)]
pub(crate) fn pass(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: AtomicU32 = AtomicU32::new(0);

    assert!(ALL.contains(&name), "{name} is not listed");
    let Ok(asked) = std::env::var(VARIABLE) else { return };
    let (point, times) = asked.split_once('#').unwrap_or((&asked, "0"));
    if point == name && PASSED.fetch_add(1, Ordering::SeqCst) >= times.parse().unwrap() {
        // A signal that cannot be handled: no destructor runs, no buffer is flushed.
        std::process::Command::new("sh").args(["-c", "kill -9 $PPID"]).status().unwrap();
        std::thread::sleep(std::time::Duration::from_secs(10));
    }
}

#[cfg(not(test))]
pub(crate) fn pass(_name: &str) {}
