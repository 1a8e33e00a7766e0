//! Two small files next to the segments: the acknowledged position, and the newest epoch.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
};

use landfall_process::file;

use super::Position;

const ACKNOWLEDGED: &str = "acknowledged";
const EPOCH: &str = "epoch";

/// The acknowledged position, overwritten in place: if it is lost, records are sent again.
#[derive(Debug)]
pub(super) struct Checkpoint {
    file: File,
}

impl Checkpoint {
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Option<Position>)> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(ACKNOWLEDGED))?;
        let mut bytes = Vec::new();
        (&mut file).take(64).read_to_end(&mut bytes)?;
        Ok((Self { file }, parse(&bytes)))
    }

    pub(super) fn set(&self, Position { segment, offset }: Position) -> io::Result<()> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&segment.to_le_bytes());
        bytes[8..12].copy_from_slice(&offset.to_le_bytes());
        let checksum = crc32fast::hash(&bytes[..12]);
        bytes[12..].copy_from_slice(&checksum.to_le_bytes());
        self.file.write_all_at(&bytes, 0)
    }

    /// The same, so that it survives a crash of the machine.
    pub(super) fn set_durably(&self, position: Position) -> io::Result<()> {
        self.set(position)?;
        self.file.sync_data()
    }
}

fn parse(bytes: &[u8]) -> Option<Position> {
    let (body, checksum) = bytes.first_chunk::<16>()?.split_at(12);
    if crc32fast::hash(body).to_le_bytes() != *checksum {
        return None;
    }
    let segment = u64::from_le_bytes(*body.first_chunk()?);
    Some(Position { segment, offset: u32::from_le_bytes(*body.last_chunk()?) })
}

/// The newest epoch that was started in this folder.
pub(super) fn newest_epoch(folder: &Path) -> io::Result<Option<u64>> {
    match fs::read(folder.join(EPOCH)) {
        Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the newest epoch durably: no two starts may have the same one.
pub(super) fn set_newest_epoch(folder: &Path, epoch: u64) -> io::Result<()> {
    file::replace(&folder.join(EPOCH), 0o600, format!("{epoch}\n").as_bytes())
}
