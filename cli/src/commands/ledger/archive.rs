//! Copies a ledger to object storage.

use jiff::Timestamp;
use landfall_archive::{Archiver, HeadReader, anchor};

use super::{Folder, remote};
use crate::{diagnostics, exit_status::ExitStatus};

/// Copies the sealed segments.
#[derive(Debug, clap::Args)]
pub(super) struct Archive {
    #[command(flatten)]
    folder: Folder,
    /// Where to: s3://BUCKET/FOLDER, gs://BUCKET/FOLDER, az://CONTAINER/FOLDER or file:///FOLDER.
    url: String,
    /// Also anchor the head there: a bucket that nobody who can change the ledger can change, with an object lock.
    #[arg(long, value_name = "URL", env = "LANDFALL_LEDGER_ANCHOR", hide_env_values = true)]
    anchor: Option<String>,
}

impl Archive {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, url, anchor: anchored } = self;
        anyhow::ensure!(
            !landfall_evidence::segments(&folder)?.is_empty(),
            "{}: nothing is sealed yet",
            folder.display()
        );
        let location = remote::open("URL", &url)?;
        let anchored = anchored.map(|url| remote::open("--anchor", &url)).transpose()?;
        let mut archiver = Archiver::new(folder.clone(), location);
        let copied = remote::block_on(async {
            let mut copied = 0_u64;
            while archiver.archive_next(Timestamp::now()).await?.is_some() {
                copied += 1;
            }
            Ok(copied)
        })?;
        let (location, last) = (archiver.location(), archiver.archived().unwrap_or(0));
        diagnostics::status(format_args!("{location}: {copied} segments copied, {last} in all"));
        if let Some(anchored) = anchored {
            let head = remote::block_on(async {
                let head = HeadReader::new(folder).head().await?;
                if let Some((head, signed)) = &head {
                    anchor(&anchored, *head, signed).await?;
                }
                Ok(head)
            })?;
            if let Some((head, _)) = head {
                diagnostics::status(format_args!("{anchored}: anchored the head {head}"));
            }
        }
        Ok(ExitStatus::Success)
    }
}
