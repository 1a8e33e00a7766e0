use std::path::PathBuf;

use landfall_transfer_law::Language;

use crate::{
    coverage::Conclusion,
    exit_status::ExitStatus,
    judging::{Judging, Transfer},
    observations,
    options::{FormatOptions, JudgmentOptions, LanguageOption},
    output::{Printer, Table},
    outputs::{Inputs, Outputs},
    tables::{Explanations, TransferTable},
};

/// Verdicts for recorded observations.
#[derive(Debug, clap::Args)]
pub struct Judge {
    #[command(flatten)]
    judgment: JudgmentOptions,
    /// Observations, one JSON object a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: PathBuf,
    /// Give the reasoning in sentences, with clause and article.
    #[arg(long, value_enum, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    explain: Option<LanguageOption>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Judge {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { judgment, observations, explain, format } = self;
        let inputs = Inputs::default().register(Some(&judgment.register));
        Outputs::beside(&inputs.file("--observations", Some(&observations)))?;
        let language = explain.map(Language::from);
        let mut judging = Judging::load(&judgment)?.explaining(language);
        let problems = observations::read(&observations, &mut judging)?;
        let conclusion = if language.is_some() {
            print::<Explanations>(judging, format)?
        } else {
            print::<TransferTable>(judging, format)?
        };
        let unseen = format!(
            "{} holds no observations; `landfall watch --observations-out FILE` records some",
            observations.display()
        );
        let ending = conclusion.ending(&judgment.register, &unseen);
        problems.into_result()?;
        ending
    }
}

fn print<T: Default + for<'a> Table<Row<'a> = Transfer<'a>>>(
    judging: Judging,
    format: FormatOptions,
) -> anyhow::Result<Conclusion> {
    let mut printer = Printer::<T>::new(format.format());
    let conclusion = judging.judge(|transfer| printer.print(transfer))?;
    printer.finish_with_note(conclusion.coverage.gap())?;
    Ok(conclusion)
}
