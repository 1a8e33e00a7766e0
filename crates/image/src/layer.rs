//! The one layer: a tar file whose bytes depend on the files alone.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::FileCapability;

/// The attribute of a file's capabilities, as archives name it.
const CAPABILITY: &str = "SCHILY.xattr.security.capability";

#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Folder { mode: u32 },
    Copy { from: PathBuf, capability: Option<FileCapability> },
    Text { bytes: Vec<u8> },
    Link { target: String },
}

/// A writer that hashes what it passes on.
pub(crate) struct Hashing<W> {
    pub(crate) inner: W,
    pub(crate) hash: Sha256,
    pub(crate) len: u64,
}

/// Writes the layer, and returns its digest.
pub(crate) fn write(entries: &BTreeMap<String, Entry>, path: &Path) -> io::Result<String> {
    let mut layer = tar::Builder::new(Hashing::new(File::create(path)?));
    for (inside, entry) in entries {
        entry.append(&mut layer, inside)?;
    }
    Ok(hex(&layer.into_inner()?.hash.finalize()))
}

pub(crate) fn append_bytes(archive: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    archive.append_data(&mut header(0o644, bytes.len() as u64), name, bytes)
}

/// Owner, group and time are nobody's.
pub(crate) fn header(mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_mode(mode);
    header.set_size(size);
    header
}

pub(crate) fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

// === impl Entry ===

impl Entry {
    pub(crate) fn copy(from: PathBuf) -> Self {
        Self::Copy { from, capability: None }
    }

    fn append(&self, layer: &mut tar::Builder<impl Write>, inside: &str) -> io::Result<()> {
        match self {
            Self::Folder { mode } => {
                let mut header = header(*mode, 0);
                header.set_entry_type(tar::EntryType::Directory);
                layer.append_data(&mut header, format!("{inside}/"), io::empty())
            }
            Self::Copy { from, capability } => {
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", from.display()));
                let mut file = File::open(from).map_err(named)?;
                let metadata = file.metadata()?;
                if let Some(capability) = capability {
                    layer.append_pax_extensions([(CAPABILITY, &capability.attribute()[..])])?;
                }
                let mut header = header(metadata.permissions().mode() & 0o7777, metadata.len());
                layer.append_data(&mut header, inside, &mut file)
            }
            Self::Text { bytes } => append_bytes(layer, inside, bytes),
            Self::Link { target } => {
                let mut header = header(0o777, 0);
                header.set_entry_type(tar::EntryType::Symlink);
                layer.append_link(&mut header, inside, target)
            }
        }
    }
}

// === impl FileCapability ===

impl FileCapability {
    /// `struct vfs_cap_data` of linux/capability.h, revision 2: the revision and the flag "effective" (not set), then
    /// permitted and inheritable of the capabilities 0 to 31 and of those from 32, each little-endian.
    pub(crate) fn attribute(self) -> [u8; 20] {
        const REVISION_2: u32 = 0x0200_0000;
        const CAP_NET_RAW: u32 = 13;
        let permitted = match self {
            Self::NetRawPermitted => 1 << CAP_NET_RAW,
        };
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&REVISION_2.to_le_bytes());
        bytes[4..8].copy_from_slice(&u32::to_le_bytes(permitted));
        bytes
    }
}

// === impl Hashing ===

impl<W> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), len: 0 }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.len += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
