//! Groups of arguments that several commands share. They know no command.

mod capture;
mod format;
mod judgment;
mod language;

pub(crate) use self::{
    capture::{CaptureOptions, LiveOptions},
    format::{FormatOptions, OutputFormat},
    judgment::{FailOn, JudgmentOptions},
    language::LanguageOption,
};
