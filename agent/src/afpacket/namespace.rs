//! Opens things in another network namespace. Sockets stay in the namespace they were made in.

use std::{fs::File, io, path::Path, thread};

use nix::sched::{CloneFlags, setns};

use super::CaptureError;

/// Runs `open` in the network namespace at `path`, or in that of the process.
///
/// On a thread of its own, which ends with it: a thread that has changed its namespace must not go
/// on as if nothing had happened.
pub(crate) fn within<T: Send>(
    path: Option<&Path>,
    open: impl FnOnce() -> Result<T, CaptureError> + Send,
) -> Result<T, CaptureError> {
    let Some(path) = path else { return open() };
    let failed = |source| CaptureError::Namespace { path: path.to_owned(), source };
    thread::scope(|scope| {
        let entered = move || {
            let namespace = File::open(path).map_err(failed)?;
            setns(&namespace, CloneFlags::CLONE_NEWNET).map_err(|error| failed(error.into()))?;
            open()
        };
        scope.spawn(entered).join().unwrap_or_else(|_| Err(failed(io::Error::other("the thread in it ended early"))))
    })
}
