use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum;
use landfall_transfer_law::Language;

use crate::{
    args::{Ending, Format, Judgment},
    judging::{Judging, Transfer},
    output::{Explanations, Printer, Table, TransferTable},
};

/// Longest line accepted; an observation has a few kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// Most lines that are named one by one for being no observations.
const MAX_PROBLEMS: usize = 20;

/// Verdicts for recorded observations.
#[derive(Debug, clap::Args)]
pub struct Judge {
    #[command(flatten)]
    judgment: Judgment,
    /// Observations, one JSON object a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: PathBuf,
    /// Give the reasoning in sentences, with clause and article.
    #[arg(long, value_enum, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    explain: Option<Tongue>,
    #[command(flatten)]
    format: Format,
}

/// The languages of explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tongue {
    /// English.
    En,
    /// German.
    De,
}

impl Judge {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { judgment, observations, explain, format } = self;
        let language = explain.map(|tongue| match tongue {
            Tongue::En => Language::English,
            Tongue::De => Language::German,
        });
        let mut judging = Judging::load(&judgment)?.explaining(language);
        let problems = read(&observations, &mut judging)?;
        let ending = if language.is_some() {
            print::<Explanations>(judging, format)?
        } else {
            print::<TransferTable>(judging, format)?
        };
        problems.into_result()?;
        Ok(ending)
    }
}

fn print<T: for<'a> Table<Row<'a> = Transfer<'a>>>(judging: Judging, format: Format) -> anyhow::Result<Ending> {
    let mut printer = Printer::<T>::new(format.get());
    let ending = judging.judge(|transfer| printer.print(transfer))?;
    printer.finish()?;
    Ok(ending)
}

/// Lines that are no observations.
#[derive(Default)]
struct Problems {
    named: Vec<String>,
    others: u64,
}

impl Problems {
    fn add(&mut self, problem: String) {
        if self.named.len() < MAX_PROBLEMS {
            self.named.push(problem);
        } else {
            self.others += 1;
        }
    }

    fn into_result(self) -> anyhow::Result<()> {
        let Self { mut named, others } = self;
        if others > 0 {
            named.push(format!("{others} more lines are no observations"));
        }
        if named.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(named.join("\nerror: "))) }
    }
}

/// Takes in every line that is an observation and names those that are not.
fn read(path: &Path, judging: &mut Judging) -> anyhow::Result<Problems> {
    let name = path.display();
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{name}: cannot be opened"))?))
    };
    let mut problems = Problems::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let cannot = || format!("{name}: line {number}: cannot be read");
        let length = read.with_context(cannot)? as u64;
        if length == 0 {
            break;
        }
        if length == MAX_LINE && !line.ends_with(b"\n") {
            reader.skip_until(b'\n').with_context(cannot)?;
            problems.add(format!("{name}: line {number}: longer than {MAX_LINE} bytes, expected an observation"));
            continue;
        }
        let Ok(text) = str::from_utf8(&line) else {
            problems.add(format!("{name}: line {number}: expected UTF-8 text"));
            continue;
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match landfall_observation::decode(text) {
            Ok(observation) => judging.observe(&observation),
            Err(error) => problems.add(format!("{name}: line {number}: {error}")),
        }
    }
    Ok(problems)
}
