use clap::ValueEnum;
use landfall_transfer_law::Language;

/// A language as it is given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageOption {
    /// English.
    En,
    /// German.
    De,
}

impl From<LanguageOption> for Language {
    fn from(language: LanguageOption) -> Self {
        match language {
            LanguageOption::En => Self::English,
            LanguageOption::De => Self::German,
        }
    }
}
