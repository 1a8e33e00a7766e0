//! Appending observations.

use std::{fs::File, io, path::Path, sync::Arc};

use super::{
    AppendError, Entry, Spool,
    encoding::{Encoded, encode},
    segment::Segment,
};

/// Length from which a new segment is started.
const SEGMENT_BYTES: u32 = 4 * 1024 * 1024;
/// Maximum size of a write, which succeeds or fails as a whole.
const WRITE_BYTES: usize = 64 * 1024;

impl Spool {
    /// Appends observations, even above the cap.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), AppendError> {
        let failed = |appended, folder: &Path| {
            let folder = folder.to_owned();
            move |source| AppendError { appended, folder, source }
        };
        self.undo_failed_commit().map_err(failed(0, &self.folder))?;
        let (mut encoded, mut appended) = (Encoded::default(), 0);
        for (index, entry) in entries.iter().enumerate() {
            if !encode(entry, &mut encoded) {
                self.refuse_too_long(entry);
            }
            if encoded.bytes.len() >= WRITE_BYTES || index + 1 == entries.len() {
                let Encoded { bytes, ends, epoch } = &encoded;
                self.write(bytes, ends, *epoch).map_err(failed(appended, &self.folder))?;
                appended = index + 1;
                encoded = Encoded::default();
            }
        }
        Ok(())
    }

    /// The file to sync so that all records survive a crash of the machine. The caller syncs it without holding the
    /// lock of the spool, because that takes long.
    pub fn to_sync(&mut self) -> Option<Arc<File>> {
        if !std::mem::take(&mut self.unsynced) {
            return None;
        }
        self.segments.back().map(Segment::file)
    }

    /// Writes records. If that fails, removes acknowledged segments and tries once more: the disk may be full.
    fn write(&mut self, bytes: &[u8], ends: &[usize], epoch: u64) -> io::Result<()> {
        if ends.is_empty() {
            return Ok(());
        }
        let before = self.segments.len();
        self.try_write(bytes, ends, epoch).or_else(|error| {
            self.remove_acknowledged(0);
            if self.segments.len() < before { self.try_write(bytes, ends, epoch) } else { Err(error) }
        })
    }

    fn try_write(&mut self, bytes: &[u8], ends: &[usize], epoch: u64) -> io::Result<()> {
        let length = self.segment_bytes();
        if self.segments.back().is_none_or(|last| last.is_closed || last.length() >= length) {
            if let Some(last) = self.segments.back().filter(|_| self.unsynced) {
                last.file().sync_data()?;
            }
            let segment = Segment::create(&self.folder, self.next_number)?;
            self.next_number += 1;
            self.segments.push_back(segment);
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.append(bytes, ends, epoch)?;
            self.unsynced = true;
            self.counters.appended += ends.len() as u64;
        }
        Ok(())
    }

    /// Length of a segment: a small cap is divided into several, so that space is freed in steps.
    pub(super) fn segment_bytes(&self) -> u32 {
        u32::try_from(self.cap / 8).map_or(SEGMENT_BYTES, |eighth| eighth.clamp(1024, SEGMENT_BYTES))
    }
}
