//! `kubectl landfall incident`: writes down in an Incident what a person did about a breach.
//!
//! ```text
//! flags ─► step, pure: what is to change, and what to say ─patch, if it still is as it was read─► API server
//!            ▲                                                     │ somebody wrote meanwhile
//!            └───────────────────────read again────────────────────┘
//! ```
//!
//! What stands there already is left as it is, so that a command can be given twice; what stands there and says something
//! else is replaced only where that was asked for.

mod close;
mod report;
mod step;
#[cfg(test)]
mod tests;
mod triage;

use anyhow::{bail, ensure};
use clap::{Subcommand, ValueEnum};
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::IncidentSpec;
use serde::Serialize;
use serde_json::{Value, json};

pub(super) use self::step::report_command;
use self::step::{Page, Step};
use super::{
    Incident,
    cluster::{Cluster, Found, Range, Scope, Written},
    harmless::{self, line, word},
    incidents,
    words::Words,
};
use crate::{
    exit_status::ExitStatus,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// Others write the status of an Incident every few seconds at most; who loses so often has another trouble.
const TRIES: usize = 8;

/// Writes down what was done about a breach.
#[derive(Debug, clap::Args)]
pub(super) struct IncidentCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// What a person takes it for, and why.
    #[command(
        after_help = "Example:\n  kubectl landfall incident triage NAME -n privacy --result breach \\\n      --reasons 'the contact export goes to a host nobody knows' --by 'data protection office'"
    )]
    Triage(triage::Triage),
    /// That a report was sent to the controllers; only this stops its clock. Nothing is sent by it.
    #[command(
        after_help = "Examples:\n  kubectl landfall incident report NAME -n privacy --first --sent-at now\n  kubectl landfall incident report NAME -n privacy --full --sent-at 2026-11-23T19:40:00+01:00 --by 'data protection office'"
    )]
    Report(report::Report),
    /// What was done and why it suffices (BR-DOC). It stays open while a report is owed.
    #[command(
        after_help = "Example:\n  kubectl landfall incident close NAME -n privacy --measures 'export taken out of the release' \\\n      --measures 'data deleted there, confirmed in writing' --reasoning 'nothing is left there' --by 'data protection office'"
    )]
    Close(close::Close),
}

/// Which Incident, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// Name of the Incident; it is in the namespace of the agreement.
    #[arg(value_name = "NAME")]
    name: String,
    /// The API server checks the change, and nothing is written.
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "server")]
    dry_run: Option<DryRun>,
    #[command(flatten)]
    format: FormatOptions,
}

/// Where a change is tried out, as kubectl calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DryRun {
    /// By the API server.
    Server,
}

/// What was written, for programs the object, for people a sentence.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    object: Value,
    #[serde(skip)]
    text: String,
}

/// Sentences, one below the other.
#[derive(Debug, Default)]
struct Sentences(Vec<String>);

impl IncidentCommand {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        match self.act {
            Act::Triage(act) => carry_out(&scope, words, &act.target, |it, page| act.step(it, page)).await,
            Act::Report(act) => carry_out(&scope, words, &act.target, |it, page| act.step(it, page)).await,
            Act::Close(act) => carry_out(&scope, words, &act.target, |it, page| act.step(it, page)).await,
        }
    }
}

async fn carry_out(
    scope: &Scope,
    words: Words,
    target: &Target,
    step: impl Fn(&Incident, &Page) -> anyhow::Result<Step>,
) -> anyhow::Result<ExitStatus> {
    let cluster = scope.connect().await?;
    let is_dry = target.dry_run == Some(DryRun::Server);
    for _ in 0..TRIES {
        let Found { object, read } = the_one(&cluster, scope, &target.name).await?;
        let page = Page { words, zone: TimeZone::system(), now: Timestamp::now(), kubectl: cluster.kubectl() };
        let (object, text) = match step(&read, &page)? {
            Step::Nothing(text) => (serde_json::to_value(object)?, text),
            Step::Write { change, text } => {
                let spec = change.applied(&object.data["spec"]);
                // Whoever wrote meanwhile is read first.
                let patch =
                    json!({ "metadata": { "resourceVersion": object.metadata.resource_version }, "spec": spec });
                let (namespace, name) = incidents::named(&read);
                match cluster.patch::<IncidentSpec>(&namespace, &name, &patch, is_dry).await? {
                    Written::Done(object) => (serde_json::to_value(object)?, text),
                    Written::Conflict => continue,
                }
            }
        };
        let text = if is_dry { format!("{}\n{text}", page.dry()) } else { text };
        let mut printer = Printer::filling(Sentences::default(), target.format.format());
        printer.print(&Told { object: harmless::object(object), text })?;
        printer.finish()?;
        return Ok(ExitStatus::Success);
    }
    bail!("Incident {} is written by others all the time; nothing was changed, try again", line(&target.name, 253))
}

/// The Incident of that name.
async fn the_one(cluster: &Cluster, scope: &Scope, name: &str) -> anyhow::Result<Found<IncidentSpec>> {
    let range = scope.range(cluster);
    let kubectl = cluster.kubectl();
    let mut found = cluster.find::<IncidentSpec>(&range, name).await?;
    if found.len() > 1 {
        let namespaces: Vec<_> = found.iter().map(|found| incidents::named(&found.read).0).collect();
        bail!("several Incidents are named {}; say which with -n: {}", line(name, 253), namespaces.join(", "));
    }
    let Some(found) = found.pop() else {
        let english = Words(landfall_transfer_law::Language::English);
        let there = match &range {
            Range::All => kubectl.plugin("incidents -A"),
            Range::Namespace(namespace) => kubectl.plugin(format_args!("incidents -n {}", word(namespace))),
        };
        let everywhere = match &range {
            Range::All => String::new(),
            // They are in the namespace of the agreement, where few people work.
            Range::Namespace(_) => format!("\nin all namespaces: {}", kubectl.plugin("incidents -A")),
        };
        bail!("no Incident {} {}\nthose that are there: {there}{everywhere}", line(name, 253), range.named(english));
    };
    ensure!(
        found.object.metadata.deletion_timestamp.is_none(),
        "Incident {} is being deleted; the operator makes it anew with what people had written: try again then",
        line(name, 253)
    );
    Ok(found)
}

impl Table for Sentences {
    type Row<'a> = Told;

    fn push(&mut self, told: &Told) {
        self.0.push(told.text.clone());
    }

    fn render(&self, _screen: Screen) -> String {
        self.0.join("\n")
    }
}
