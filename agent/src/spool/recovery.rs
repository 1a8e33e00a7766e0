//! Opening a spool that an earlier run left.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use landfall_process::file;

use super::{
    Recovered, Spool, SpoolError,
    segment::{Damage, Opened, Segment},
};

impl Spool {
    pub(super) fn recover(&mut self) -> io::Result<Recovered> {
        let mut recovered = Recovered::default();
        let numbers = Segment::list(&self.folder)?;
        for &number in &numbers {
            self.next_number = self.next_number.max(number + 1);
            let path = Segment::path(&self.folder, number);
            if number < self.head.segment {
                fs::remove_file(path)?;
                continue;
            }
            match Segment::open(&self.folder, number, Some(&number) == numbers.last())? {
                Opened::Segment(segment, Damage { damaged, torn }) => {
                    recovered.torn_bytes += torn;
                    recovered.damaged += damaged.len() as u64;
                    for bytes in &damaged {
                        self.quarantine_damaged(bytes);
                    }
                    self.segments.push_back(segment);
                }
                Opened::Empty => fs::remove_file(path)?,
                Opened::Foreign => {
                    let renamed = path.with_extension("foreign");
                    fs::rename(&path, &renamed)?;
                    recovered.foreign.push(renamed);
                }
            }
        }
        self.remove_idle();
        recovered.records = self.usage().records;
        Ok(recovered)
    }
}

/// Locks the folder: two agents in one folder would send each other's records.
pub(super) fn lock(folder: &Path) -> Result<File, SpoolError> {
    file::lock(&folder.join("lock"), 0o600).map_err(|error| match error {
        TryLockError::WouldBlock => SpoolError::Locked { folder: folder.to_owned() },
        TryLockError::Error(source) => SpoolError::Io { action: "open the lock", folder: folder.to_owned(), source },
    })
}
