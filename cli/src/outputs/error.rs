use std::{io, path::PathBuf};

/// Why an output is refused. Nothing was read, created or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// The input would be overwritten.
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
    /// One output would overwrite the other.
    #[error("{output} is the same file as {other}; nothing was written, name two files")]
    IsOutput { output: String, other: String },
    /// The file has content.
    #[error("{output} already exists ({}); --force replaces it", crate::cells::bytes(*.length))]
    Exists { output: String, length: u64 },
    /// A folder where a file is expected.
    #[error("{output} is a folder, expected a file")]
    IsFolder { output: String },
    /// A block device or a socket.
    #[error("{output} is neither a file nor a pipe; nothing is written there")]
    IsDevice { output: String },
    /// The folder of the file is missing.
    #[error("{output} cannot be created: there is no folder {}", folder.display())]
    NoFolder { output: String, folder: PathBuf },
    /// A link to nothing, or to itself.
    #[error("{output} is a link that leads nowhere; nothing was written, remove the link or name another file")]
    LeadsNowhere { output: String },
    /// The operating system refuses access.
    #[error("{output} cannot be accessed")]
    Unreadable {
        output: String,
        #[source]
        source: io::Error,
    },
    /// The folder of a ledger contains the ledger only.
    #[error("{output} lies in the folder of the ledger {}; nothing was written, name a file elsewhere", ledger.display())]
    InLedger { output: String, ledger: PathBuf },
    /// A file where a folder is expected.
    #[error("{output} is a file, expected the folder of a ledger, or one that does not exist yet")]
    NotAFolder { output: String },
    /// A folder with other files.
    #[error(
        "{output} is no ledger and contains {found}; expected a ledger to continue, an empty folder, or one that does not \
         exist yet"
    )]
    NotALedger { output: String, found: String },
    /// The ledger is signed with another key.
    #[error(
        "{output} is signed with the key {actual}, and {file} {ours}; nothing was written, name another folder or put the \
         right key there"
    )]
    OtherKey { output: String, actual: String, file: &'static str, ours: String },
    /// The ledger belongs to another cluster.
    #[error(
        "{output} holds the observations of the cluster {actual}, not of {ours}; nothing was written, name another folder \
         or pass --cluster {actual}"
    )]
    OtherCluster { output: String, actual: String, ours: String },
    /// The owner of the ledger cannot be read.
    #[error("{output} cannot be continued")]
    Ledger {
        output: String,
        #[source]
        source: landfall_evidence::LedgerError,
    },
}
