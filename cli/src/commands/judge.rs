use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::{
    args::{Ending, Format, Judgment},
    judging::Judging,
    output::{Printer, TransferTable},
};

/// Longest line accepted; an observation has a few kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// Verdicts for recorded observations.
#[derive(Debug, clap::Args)]
pub struct Judge {
    #[command(flatten)]
    judgment: Judgment,
    /// Observations, one JSON object a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: PathBuf,
    #[command(flatten)]
    format: Format,
}

impl Judge {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { judgment, observations, format } = self;
        let mut judging = Judging::load(&judgment)?;
        let problems = read(&observations, &mut judging)?;
        let mut printer = Printer::<TransferTable>::new(format.get());
        let ending = judging.judge(|transfer| printer.print(transfer))?;
        printer.finish()?;
        if !problems.is_empty() {
            bail!(problems.join("\nerror: "));
        }
        Ok(ending)
    }
}

/// Takes in every line that is an observation and names those that are not.
fn read(path: &Path, judging: &mut Judging) -> anyhow::Result<Vec<String>> {
    let name = path.display();
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{name}: cannot be opened"))?))
    };
    let mut problems = Vec::new();
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_line(&mut line);
        let length = read.with_context(|| format!("{name}: line {number}: cannot be read, expected UTF-8 text"))?;
        if length == 0 {
            break;
        }
        if length as u64 == MAX_LINE && !line.ends_with('\n') {
            bail!("{name}: line {number}: longer than {MAX_LINE} bytes, expected one observation a line");
        }
        if line.trim().is_empty() {
            continue;
        }
        match landfall_observation::decode(line.trim_end()) {
            Ok(observation) => judging.observe(&observation),
            Err(error) => problems.push(format!("{name}: line {number}: {error}")),
        }
    }
    Ok(problems)
}
