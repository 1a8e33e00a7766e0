use std::path::PathBuf;

use landfall_transfer_law::Language;

use crate::{
    coverage::RunSummary,
    exit_status::ExitStatus,
    judging::{Judging, Transfer},
    observations,
    options::{FormatOptions, JudgmentOptions, LanguageOption},
    output::{Printer, Table},
    outputs::{Inputs, Outputs},
    tables::{Explanations, TransferTable},
};

/// Judges recorded observations.
#[derive(Debug, clap::Args)]
pub struct Judge {
    #[command(flatten)]
    judgment: JudgmentOptions,
    /// Observations, one JSON object per line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: PathBuf,
    /// Print the reasoning in sentences, with clauses and articles.
    #[arg(long, value_enum, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    explain: Option<LanguageOption>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Judge {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { judgment, observations, explain, format } = self;
        let inputs = Inputs::default().register(Some(&judgment.register));
        Outputs::checked_against(&inputs.file("--observations", Some(&observations)))?;
        let language = explain.map(Language::from);
        let mut judging = Judging::load(&judgment)?.with_explanations(language);
        let problems = observations::read(&observations, &mut judging)?;
        let summary = if language.is_some() {
            print::<Explanations>(judging, format)?
        } else {
            print::<TransferTable>(judging, format)?
        };
        let nothing_seen = format!(
            "{} holds no observations; `landfall watch --observations-out FILE` records some",
            observations.display()
        );
        let status = summary.exit_status(&judgment.register, &nothing_seen);
        problems.into_result()?;
        status
    }
}

fn print<T: Default + for<'a> Table<Row<'a> = Transfer<'a>>>(
    judging: Judging,
    format: FormatOptions,
) -> anyhow::Result<RunSummary> {
    let mut printer = Printer::<T>::new(format.format());
    let summary = judging.judge(|transfer| printer.print(transfer))?;
    printer.finish_with_note(summary.coverage.uncovered_note())?;
    Ok(summary)
}
