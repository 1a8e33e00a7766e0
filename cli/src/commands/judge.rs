use std::path::PathBuf;

use landfall_transfer_law::Language;

use crate::{
    args::{Ending, Format, Judgment, Tongue},
    judging::{Judging, Transfer},
    observations,
    output::{Explanations, Printer, Table, TransferTable},
};

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

impl Judge {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { judgment, observations, explain, format } = self;
        let language = explain.map(Language::from);
        let mut judging = Judging::load(&judgment)?.explaining(language);
        let problems = observations::read(&observations, &mut judging)?;
        let ending = if language.is_some() {
            print::<Explanations>(judging, format)?
        } else {
            print::<TransferTable>(judging, format)?
        };
        problems.into_result()?;
        Ok(ending)
    }
}

fn print<T: Default + for<'a> Table<Row<'a> = Transfer<'a>>>(
    judging: Judging,
    format: Format,
) -> anyhow::Result<Ending> {
    let mut printer = Printer::<T>::new(format.get());
    let ending = judging.judge(|transfer| printer.print(transfer))?;
    printer.finish()?;
    Ok(ending)
}
