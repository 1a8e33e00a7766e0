//! Groups of arguments that several commands share. They know no command.

mod capture;
mod format;
mod judgment;
#[cfg(feature = "kafka")]
mod kafka;
mod language;

#[cfg(feature = "kafka")]
pub(crate) use self::kafka::{Access, BusOptions, ConnectOptions, KafkaOptions, SchemaRegistryOptions};
pub(crate) use self::{
    capture::{CaptureOptions, LiveOptions},
    format::{FormatOptions, OutputFormat},
    judgment::{FailOn, JudgmentOptions},
    language::LanguageOption,
};
