//! `landfall-agent prepare-spool`: gives the spool to the user that the agent runs as.
//!
//! A folder of the node (hostPath) belongs to root, and `fsGroup` does not apply to it. An init container does this as
//! root with CAP_CHOWN and nothing else. That is not enough to enter a folder of mode 0700 that belongs to somebody
//! else, so each folder is first taken over, then gone through, and given to the owner last: a run that was interrupted
//! is completed by the next.

use std::{
    ffi::CString,
    fs::DirBuilder,
    io,
    os::{fd::OwnedFd, unix::fs::DirBuilderExt as _},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use clap::Parser;
use landfall_process::error_chain::error_chain;
use rustix::{
    fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Uid, chownat, fchmod, fchown, openat, statat},
    io::Errno,
    process::{getegid, geteuid},
};

/// Gives the spool to the agent's user: for an init container that is root and has CAP_CHOWN alone
#[derive(Debug, Parser)]
#[command(name = "prepare-spool")]
pub(super) struct PrepareSpool {
    /// Folder of the spool, made if it is missing; it gets the mode 0700
    #[arg(long, value_name = "DIR")]
    spool: PathBuf,
    /// Numbers of the user and the group that the agent runs as; all in the folder is given to them
    #[arg(long, value_name = "UID:GID")]
    owner: Owner,
}

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owner {
    user: Uid,
    group: Gid,
}

/// An invalid owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected numbers of a user and a group such as 65532:65532")]
struct InvalidOwner;

/// Why the spool is not the owner's.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    /// The path leads elsewhere, or to a file.
    #[error("the spool {} is not a folder (a symbolic link is not followed)", path.display())]
    NotFolder { path: PathBuf },
    /// The process may not change owners.
    #[error(
        "failed to give {} away: it needs the capability CHOWN; in the init container's securityContext, \
         `runAsUser: 0` and `capabilities: {{drop: [ALL], add: [CHOWN]}}`",
        path.display()
    )]
    NotPermitted { path: PathBuf },
    /// A file or folder cannot be opened or changed.
    #[error("failed to {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

// === impl PrepareSpool ===

impl PrepareSpool {
    /// Says on standard error what was done: the log of an init container.
    pub(super) fn run(self) -> ExitCode {
        let Self { spool, owner } = self;
        let (status, said) = match prepare(&spool, owner) {
            Ok(given) => {
                let (user, group) = (owner.user.as_raw(), owner.group.as_raw());
                (ExitCode::SUCCESS, format!("{} and {given} entries in it belong to {user}:{group}", spool.display()))
            }
            Err(error @ PrepareError::Io { .. }) => (ExitCode::FAILURE, format!("error: {}", error_chain(&error))),
            Err(error) => (ExitCode::from(2), format!("error: {error}")),
        };
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{said}\n"));
        status
    }
}

// === impl Owner ===

impl FromStr for Owner {
    type Err = InvalidOwner;

    fn from_str(text: &str) -> Result<Self, InvalidOwner> {
        let (user, group) = text.split_once(':').ok_or(InvalidOwner)?;
        // The kernel takes the highest number for "leave it".
        let number = |text: &str| match text.parse() {
            Ok(number) if number != u32::MAX && text.bytes().all(|b| b.is_ascii_digit()) => Ok(number),
            _ => Err(InvalidOwner),
        };
        Ok(Self { user: Uid::from_raw(number(user)?), group: Gid::from_raw(number(group)?) })
    }
}

/// How many entries were given to the owner, the folder not counted.
fn prepare(spool: &Path, owner: Owner) -> Result<u64, PrepareError> {
    let failed = |action| move |source| PrepareError::Io { action, path: spool.to_owned(), source };
    match DirBuilder::new().recursive(true).mode(0o700).create(spool) {
        // Something else is there; what, is said below.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed("create")(error)),
        _ => {}
    }
    let name = CString::new(spool.as_os_str().as_encoded_bytes()).map_err(|error| failed("open")(error.into()))?;
    give(CWD, &name, spool, owner, Some(Mode::RWXU))
}

/// Gives a folder and what is in it to the owner.
fn give(
    parent: impl std::os::fd::AsFd,
    name: &CString,
    path: &Path,
    owner: Owner,
    mode: Option<Mode>,
) -> Result<u64, PrepareError> {
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |error: Errno| match error {
            Errno::PERM => PrepareError::NotPermitted { path },
            Errno::NOTDIR | Errno::LOOP => PrepareError::NotFolder { path },
            error => PrepareError::Io { action, path, source: error.into() },
        }
    };
    let handle =
        openat(parent, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
            .map_err(failed("open", path))?;
    let found = statat(&handle, c"", AtFlags::EMPTY_PATH).map_err(failed("look at", path))?;
    if found.st_uid != geteuid().as_raw() {
        chownat(&handle, c"", Some(geteuid()), Some(getegid()), AtFlags::EMPTY_PATH)
            .map_err(failed("take over", path))?;
    }
    let folder: OwnedFd = openat(&handle, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(failed("open", path))?;
    if let Some(mode) = mode {
        fchmod(&folder, mode).map_err(failed("set the mode of", path))?;
    }
    let mut given = 0;
    for entry in Dir::read_from(&folder).map_err(failed("list", path))? {
        let entry = entry.map_err(failed("list", path))?;
        let name = entry.file_name();
        if [c".", c".."].contains(&name) {
            continue;
        }
        let inside = path.join(name.to_string_lossy().as_ref());
        let found = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed("look at", &inside))?;
        if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
            given += give(&folder, &name.to_owned(), &inside, owner, None)?;
        } else {
            chownat(&folder, name, Some(owner.user), Some(owner.group), AtFlags::SYMLINK_NOFOLLOW)
                .map_err(failed("give away", &inside))?;
        }
        given += 1;
    }
    // Last: after this only the owner can enter.
    fchown(&folder, Some(owner.user), Some(owner.group)).map_err(failed("give away", path))?;
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_two_numbers() {
        let owner = |user, group| Owner { user: Uid::from_raw(user), group: Gid::from_raw(group) };
        assert_eq!("65532:65533".parse(), Ok(owner(65532, 65533)));
        assert_eq!("0:0".parse(), Ok(owner(0, 0)));
        for text in ["", "65532", "65532:", ":1", "a:b", "-1:1", "+1:1", "1:2:3", "4294967295:1", "1: 2"] {
            assert_eq!(text.parse::<Owner>(), Err(InvalidOwner), "{text}");
        }
    }
}
