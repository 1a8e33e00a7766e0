//! Legal holds: records that name people are kept longer while legal claims need them.

use jiff::Timestamp;
use landfall_evidence::{Class, Hold as LegalHold, Holds, Reader, RecordKind};

use super::{Folder, signing::Signing, verification::ReadOptions};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    outputs::{Inputs, Outputs},
    tables::{HoldRow, HoldTable},
};

/// Sets a hold.
#[derive(Debug, clap::Args)]
pub(super) struct Hold {
    #[command(flatten)]
    signing: Signing,
    /// Name of the hold, such as a file number; a hold of the same name is replaced.
    #[arg(value_name = "NAME")]
    name: String,
    /// The claim that is established, exercised or defended.
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// The office that decided it.
    #[arg(long, value_name = "OFFICE")]
    by: Option<String>,
    /// End of the hold (RFC 3339); without it the hold lasts until it is lifted.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Timestamp>,
    /// Also hold observations, which take most of the space.
    #[arg(long)]
    windows: bool,
}

/// Lifts a hold.
#[derive(Debug, clap::Args)]
pub(super) struct Lift {
    #[command(flatten)]
    signing: Signing,
    /// Name of the hold.
    #[arg(value_name = "NAME")]
    name: String,
    /// Why it is no longer needed.
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// The office that decided it.
    #[arg(long, value_name = "OFFICE")]
    by: Option<String>,
}

/// Lists holds.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    shown: ReadOptions,
    /// Show which holds are in force at this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Hold {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { signing, name, reason, by, until, windows } = self;
        let mut classes = [Class::People].into();
        if windows {
            std::collections::BTreeSet::insert(&mut classes, Class::Windows);
        }
        let now = Timestamp::now();
        let hold = LegalHold { name, classes, until, reason, by };
        if !hold.is_in_force(now) {
            anyhow::bail!("--until: expected an instant in the future");
        }
        let mut ledger = signing.open()?;
        ledger.set_hold(hold.clone(), now)?;
        let until = until.map_or_else(|| "until it is lifted".to_owned(), |until| format!("until {until}"));
        diagnostics::status(format_args!("hold {:?} is set {until}", hold.name));
        Ok(ExitStatus::Success)
    }
}

impl Lift {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { signing, name, reason, by } = self;
        signing.open()?.lift_hold(&name, reason, by, Timestamp::now())?;
        diagnostics::status(format_args!(
            "hold {name:?} is lifted; data whose period is over expires when the ledger is next written to"
        ));
        Ok(ExitStatus::Success)
    }
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, shown, at, format } = self;
        Outputs::checked_against(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let mut reader = Reader::open(&folder)?.kinds(&[RecordKind::Decision]);
        if !shown.verify(&mut reader, &folder)? {
            return Ok(ExitStatus::CheckFailed);
        }
        let mut holds = Holds::default();
        for record in reader {
            holds.take(&record?);
        }
        let now = at.unwrap_or_else(Timestamp::now);
        let mut printer = Printer::<HoldTable>::new(format.format());
        for hold in holds.all() {
            let is_in_force = hold.is_in_force(now);
            printer.print(&HoldRow { hold, is_in_force, unverified: shown.unverified })?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}
