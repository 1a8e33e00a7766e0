//! The log of a process, on standard error: standard output is for results.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{filter::LevelFilter, fmt};

#[cfg(feature = "daemon")]
pub use daemon::{LogArgs, LogFormat, LogLevelError};

/// Shows warnings and errors to a person at a terminal.
pub fn show_warnings() {
    let log = fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(LevelFilter::WARN)
        .with_target(false)
        // Otherwise it panics if standard error cannot be written to.
        .log_internal_errors(false);
    log.init();
}

#[cfg(feature = "daemon")]
mod daemon {
    use std::io::{self, IsTerminal as _};

    use clap::ValueEnum;
    use tracing_subscriber::{EnvFilter, filter::ParseError, fmt, util::SubscriberInitExt as _};

    /// The Kubernetes client logs each failed attempt; the daemons log only when failures begin and end.
    const LEVEL: &str = "info,kube_client=off";

    /// Flags for a daemon's log.
    #[derive(Debug, Clone, clap::Args)]
    pub struct LogArgs {
        /// Format of the log
        #[arg(long, env = "LANDFALL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Json)]
        pub log_format: LogFormat,
        /// What is logged, such as info or landfall_agent=debug
        #[arg(long, value_name = "FILTER", env = "LANDFALL_LOG_LEVEL", default_value = LEVEL)]
        pub log_level: String,
    }

    /// Format of the log.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
    pub enum LogFormat {
        /// One JSON object per line
        Json,
        /// For people
        Text,
    }

    /// A filter that cannot be read.
    #[derive(Debug, thiserror::Error)]
    #[error("--log-level: {0}")]
    pub struct LogLevelError(#[from] ParseError);

    impl LogArgs {
        /// Starts logging. In a process that already logs, such as a test, the first log remains.
        pub fn init(&self) -> Result<(), LogLevelError> {
            let log = fmt()
                .with_env_filter(EnvFilter::try_new(&self.log_level)?)
                .with_writer(io::stderr)
                .with_ansi(io::stderr().is_terminal())
                .log_internal_errors(false);
            // Fails if the process already logs.
            let _ = match self.log_format {
                LogFormat::Json => log.json().flatten_event(true).with_ansi(false).finish().try_init(),
                LogFormat::Text => log.finish().try_init(),
            };
            Ok(())
        }
    }

    #[cfg(test)]
    mod tests {
        use clap::Parser as _;

        use super::*;

        #[derive(Debug, clap::Parser)]
        struct Daemon {
            #[command(flatten)]
            log: LogArgs,
        }

        fn parse(flags: &[&str]) -> Result<LogArgs, clap::Error> {
            Daemon::try_parse_from(["daemon"].iter().chain(flags)).map(|daemon| daemon.log)
        }

        #[test]
        fn a_daemon_logs_json_by_default() {
            let log = parse(&[]).unwrap();
            assert_eq!((log.log_format, log.log_level.as_str()), (LogFormat::Json, LEVEL));
            assert_eq!(parse(&["--log-format=text"]).unwrap().log_format, LogFormat::Text);
            parse(&["--log-format=xml"]).unwrap_err();
        }

        #[test]
        fn an_invalid_filter_is_reported_with_its_flag() {
            let error = parse(&["--log-level=landfall_agent=loud"]).unwrap().init().unwrap_err();
            assert!(error.to_string().starts_with("--log-level: "), "{error}");
        }
    }
}
