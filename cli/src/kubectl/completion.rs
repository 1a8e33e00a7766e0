//! Shell completion: a script for the program itself, and suggestions for kubectl.
//!
//! For `kubectl landfall transfers --ou<TAB>` kubectl (1.26 and later) runs `kubectl_complete-landfall transfers --ou`. It
//! reads one suggestion per line, with its description after a tab, and last a colon and a number: 0 lets the shell
//! complete file names, 4 forbids it (`ShellCompDirective` of the library Cobra).

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _, ValueEnum};
use kube::config::Kubeconfig;
use landfall_api::{IncidentSpec, TransferSpec};

use super::{Plugin, cluster::Scope, context::namespaced_name, sanitize::line};
use crate::exit_status::ExitStatus;

/// Nobody waits longer for a suggestion.
const TIMEOUT: Duration = Duration::from_secs(3);
const FILES: u8 = 0;
const NO_FILES: u8 = 4;

/// Prints a completion script.
#[derive(Debug, clap::Args)]
pub(super) struct Completion {
    /// The shell that runs the script.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completion {
    pub(super) fn run(self) -> anyhow::Result<ExitStatus> {
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Plugin::command(), crate::PLUGIN, &mut script);
        io::stdout().lock().write_all(&script).context("failed to write the script")?;
        Ok(ExitStatus::Success)
    }
}

/// Answers kubectl; the arguments are the words so far, of which the last is incomplete or empty.
pub(crate) fn complete(arguments: Vec<OsString>) -> ExitCode {
    let words: Vec<String> = arguments.into_iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let Suggestions { words, directive } = suggest(&words, names);
    let mut lines: Vec<String> = words.iter().map(|(word, means)| format!("{word}\t{means}\n")).collect();
    lines.push(format!(":{directive}\n"));
    // Nobody would see the error.
    let _ = io::stdout().lock().write_all(lines.concat().as_bytes());
    ExitCode::SUCCESS
}

/// The words that may follow, with their descriptions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Suggestions {
    pub(super) words: Vec<(String, String)>,
    pub(super) directive: u8,
}

/// Kinds of objects whose names are suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Transfers,
    Incidents,
}

/// What may stand in place of the last word; `names` lists the objects of a kind.
pub(super) fn suggest(words: &[String], names: impl Fn(&Scope, Named) -> Vec<String>) -> Suggestions {
    let (prefix, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
    let mut root = Plugin::command();
    root.build();
    let (command, option) = follow(&root, before);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut directive = NO_FILES;
    if let Some(argument) = option {
        match argument.get_id().as_str() {
            "kubeconfig" => directive = FILES,
            "context" => found.extend(contexts(before).into_iter().map(|name| (name, String::new()))),
            _ => found.extend(values(argument)),
        }
    } else if prefix.starts_with('-') {
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            let description = argument.get_help().map(ToString::to_string).unwrap_or_default();
            found.extend(argument.get_long().map(|long| (format!("--{long}"), description.clone())));
            found.extend(argument.get_short().map(|short| (format!("-{short}"), description)));
        }
    } else {
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let description = command.get_about().map(ToString::to_string).unwrap_or_default();
            found.push((command.get_name().to_owned(), description));
        }
        found.extend(command.get_positionals().flat_map(values));
        let kind = match command.get_name() {
            "explain" => Some(Named::Transfers),
            "triage" | "report" | "close" => Some(Named::Incidents),
            _ => None,
        };
        let names = kind.map(|kind| names(&scope(before), kind)).unwrap_or_default();
        found.extend(names.into_iter().map(|name| (name, String::new())));
    }
    found.retain(|(word, _)| word.starts_with(prefix));
    Suggestions { words: found, directive }
}

/// The subcommand that the words select, and the option that still needs its value.
fn follow<'a>(root: &'a Command, words: &[String]) -> (&'a Command, Option<&'a Arg>) {
    let mut command = root;
    let mut option = None;
    for word in words {
        if option.take().is_some() {
            continue;
        }
        let argument = command.get_arguments().find(|argument| {
            let long = word.strip_prefix("--").is_some_and(|long| argument.get_long() == Some(long));
            let mut letters = word.chars();
            let is_short =
                letters.next() == Some('-') && letters.next().is_some_and(|c| argument.get_short() == Some(c));
            long || (is_short && letters.next().is_none())
        });
        match argument {
            Some(argument) if matches!(argument.get_action(), ArgAction::Set | ArgAction::Append) => {
                option = Some(argument);
            }
            Some(_) => {}
            None => command = command.find_subcommand(word).unwrap_or(command),
        }
    }
    (command, option)
}

fn values(argument: &Arg) -> Vec<(String, String)> {
    let description =
        |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
    argument.get_possible_values().iter().map(|value| (value.get_name().to_owned(), description(value))).collect()
}

/// The options for the cluster among the words, which may be incomplete.
fn scope(words: &[String]) -> Scope {
    let words = std::iter::once(crate::PLUGIN.to_owned()).chain(words.iter().cloned());
    let read = |matches: ArgMatches| Scope::from_arg_matches(&matches).ok();
    Plugin::command().ignore_errors(true).try_get_matches_from(words).ok().and_then(read).unwrap_or_default()
}

fn contexts(words: &[String]) -> Vec<String> {
    let read = match scope(words).kubeconfig {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    };
    read.map(|read| read.contexts.iter().map(|context| line(&context.name, 253)).collect()).unwrap_or_default()
}

/// The names of objects; none if the cluster does not answer in time.
fn names(scope: &Scope, named: Named) -> Vec<String> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return Vec::new() };
    let listed = async {
        let cluster = scope.connect().await?;
        let range = scope.range(&cluster);
        anyhow::Ok(match named {
            Named::Transfers => {
                let transfers = cluster.list::<TransferSpec>(&range, None).await?;
                transfers.iter().map(|transfer| namespaced_name(transfer).1).collect()
            }
            Named::Incidents => {
                let incidents = cluster.list::<IncidentSpec>(&range, None).await?;
                incidents.iter().map(|incident| namespaced_name(incident).1).collect()
            }
        })
    };
    let listed = runtime.block_on(async { tokio::time::timeout(TIMEOUT, listed).await });
    listed.ok().and_then(Result::ok).unwrap_or_default()
}
