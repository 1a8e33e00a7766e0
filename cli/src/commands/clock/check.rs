use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use landfall_transfer_law::clock::{self, Vectors};

use super::Zone;
use crate::{
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    outputs::{Inputs, Outputs},
    tables::VectorTable,
};

/// The largest file that is accepted; the vectors of this repository have 20 kB.
const MAX_FILE: u64 = 16 << 20;

/// Checks a file of due dates.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// JSON with `dayPeriods`, `hourPeriods` and `notice`; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    zone: Zone,
    #[command(flatten)]
    format: FormatOptions,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { file, zone, format } = self;
        Outputs::checked_against(&Inputs::default().file("FILE", Some(&file)))?;
        let zone = clock::zone(&zone.zone)?;
        let checked = read(&file)?.check(&zone);
        if checked.is_empty() {
            bail!("{}: contains no vectors", file.display());
        }
        let mut printer = Printer::<VectorTable>::new(format.format());
        for vector in &checked {
            printer.print(vector)?;
        }
        printer.finish()?;
        Ok(ExitStatus::from_check(checked.iter().all(|vector| vector.ok)))
    }
}

fn read(path: &Path) -> anyhow::Result<Vectors> {
    let name = path.display();
    let mut reader: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).with_context(|| format!("{name}: cannot be opened"))?)
    };
    let mut text = String::new();
    let read = reader.by_ref().take(MAX_FILE + 1).read_to_string(&mut text);
    let length = read.with_context(|| format!("{name}: cannot be read, expected UTF-8 text"))?;
    if length as u64 > MAX_FILE {
        bail!("{name}: longer than {MAX_FILE} bytes");
    }
    serde_json::from_str(&text).with_context(|| format!("{name}: not a file of vectors"))
}
