//! The file of the state: a checksum, then `{committed, pending: {first, last, state}}`, on one line.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use landfall_process::file;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Group;

const NAME: &str = "state";
/// Positions of a million partitions; more is damage.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Hexadecimal digits of the checksum, and a space.
const CHECKSUM: usize = 9;

/// What the file says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Contents {
    pub(super) committed: Option<Value>,
    pub(super) pending: Option<(Group, Value)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<State> {
    committed: Option<State>,
    pending: Option<Group>,
    /// The state of the pending group.
    next: Option<State>,
}

/// Reads the file of a folder, `None` if it is damaged; without a file there is no state.
pub(super) fn read(folder: &Path) -> io::Result<Option<Contents>> {
    let file = match File::open(folder.join(NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Contents::default())),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

pub(super) fn write(folder: &Path, committed: Option<&Value>, pending: Option<(Group, &Value)>) -> io::Result<()> {
    let (pending, next) = pending.unzip();
    let text = serde_json::to_string(&Line { committed, pending, next })?;
    let checksum = crc32fast::hash(text.as_bytes());
    file::replace(&folder.join(NAME), 0o600, format!("{checksum:08x} {text}\n").as_bytes())
}

/// Renames a damaged file, so that a person can look at it.
pub(super) fn put_aside(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join(NAME);
    let renamed = path.with_extension("foreign");
    fs::rename(&path, &renamed)?;
    file::sync_folder(folder)?;
    Ok(renamed)
}

fn parse(bytes: &[u8]) -> Option<Contents> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let (checksum, text) = text.split_at_checked(CHECKSUM)?;
    if checksum.strip_suffix(' ')? != format!("{:08x}", crc32fast::hash(text.as_bytes())) {
        return None;
    }
    let Line { committed, pending, next } = serde_json::from_str(text).ok()?;
    let pending = match (pending, next) {
        (None, None) => None,
        (Some(group), Some(next)) if group.first <= group.last => Some((group, next)),
        _ => return None,
    };
    Some(Contents { committed, pending })
}
