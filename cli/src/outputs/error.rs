use std::{io, path::PathBuf};

/// Why nothing is written to what was named. Nothing was read, made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// It would be written over while it is read, or after.
    #[error(
        "{output} is the same file as the input {input}, which would be lost; nothing was written, name another file"
    )]
    IsInput { output: String, input: String },
    /// The shell opens standard output before the program runs.
    #[error(
        "standard output goes into the input {input}; nothing was written, name another file (after `>` the shell has \
         emptied it already; after `>>` it is as it was)"
    )]
    StdoutIsInput { input: String },
    /// One would be written over the other.
    #[error("{output} is the same file as {other}; nothing was written, name two files")]
    IsOutput { output: String, other: String },
    /// Something is there.
    #[error("{output} is there already ({}); --force replaces it", crate::cells::bytes(*.length))]
    Exists { output: String, length: u64 },
    /// A folder where a file is expected.
    #[error("{output} is a folder, expected a file")]
    IsFolder { output: String },
    /// A disk, a socket.
    #[error("{output} is neither a file nor a pipe; nothing is written there")]
    IsDevice { output: String },
    /// The folder that a file is to be in.
    #[error("{output} cannot be made: there is no folder {}", folder.display())]
    NoFolder { output: String, folder: PathBuf },
    /// A link to nothing, or in a circle.
    #[error("{output} is a link that leads nowhere; nothing was written, remove the link or name another file")]
    LeadsNowhere { output: String },
    /// The operating system refuses.
    #[error("{output} cannot be looked at")]
    Unreadable {
        output: String,
        #[source]
        source: io::Error,
    },
    /// Nothing else is written into the folder of a ledger.
    #[error("{output} lies in the folder of the ledger {}; nothing was written, name a file elsewhere", ledger.display())]
    InLedger { output: String, ledger: PathBuf },
    /// A file where a folder is expected.
    #[error("{output} is a file, expected the folder of a ledger, or one that is not there yet")]
    NotAFolder { output: String },
    /// Somebody's folder.
    #[error(
        "{output} is no ledger and holds {found}; expected a ledger to go on with, an empty folder, or one that is not \
         there yet"
    )]
    NotALedger { output: String, found: String },
    /// Another key signs it.
    #[error(
        "{output} is signed with the key {held}, and {file} {ours}; nothing was written, name another folder or put the \
         right key there"
    )]
    OtherKey { output: String, held: String, file: &'static str, ours: String },
    /// Another cluster's.
    #[error(
        "{output} holds the observations of the cluster {held}, not of {ours}; nothing was written, name another folder \
         or give --cluster {held}"
    )]
    OtherCluster { output: String, held: String, ours: String },
    /// It cannot be told whose ledger it is.
    #[error("{output} cannot be gone on with")]
    Ledger {
        output: String,
        #[source]
        source: landfall_evidence::LedgerError,
    },
}
