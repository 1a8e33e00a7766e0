//! How a command ends.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

/// The result of a command that ran without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Exit status 0.
    Success,
    /// Exit status 1: a check failed, or something that `--fail-on` names was found.
    CheckFailed,
}

impl ExitStatus {
    /// The status of a check.
    pub(crate) fn from_check(passed: bool) -> Self {
        if passed { Self::Success } else { Self::CheckFailed }
    }
}

/// The exit code of the process; an error is printed to stderr.
pub(crate) fn exit_code(result: anyhow::Result<ExitStatus>) -> ExitCode {
    match result {
        Ok(ExitStatus::Success) => ExitCode::SUCCESS,
        Ok(ExitStatus::CheckFailed) => ExitCode::from(1),
        // `landfall flows … | head` is no error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
