//! `kubectl landfall incident`: records in an Incident what a person did about a breach.
//!
//! ```text
//! flags ─► plan, pure: the change and the message ─patch, if the object is unchanged─► API server
//!            ▲                                             │ conflict
//!            └──────────────────read again─────────────────┘
//! ```
//!
//! Commands can be repeated: an entry with the same content is left as it is, one with different content is overwritten
//! only with `--replace`.

mod close;
mod plan;
mod report;
#[cfg(test)]
mod tests;
mod triage;

use anyhow::{bail, ensure};
use clap::{Subcommand, ValueEnum};
use landfall_api::IncidentSpec;
use serde::Serialize;
use serde_json::{Value, json};

use self::plan::Plan;
pub(super) use self::plan::report_command;
use super::{
    Incident,
    cluster::{Cluster, Found, Range, Scope, Written},
    context::{DisplayContext, namespaced_name},
    sanitize::{self, line, shell_word},
};
use crate::{
    exit_status::ExitStatus,
    locale::Locale,
    options::FormatOptions,
    output::{Paragraph, Paragraphs, Printer},
};

/// Others write to an Incident every few seconds at most: so many conflicts have another cause.
const MAX_TRIES: usize = 8;

/// Records what was done about a breach.
#[derive(Debug, clap::Args)]
pub(super) struct IncidentCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Records how an Incident is classified, and why.
    #[command(
        after_help = "Example:\n  kubectl landfall incident triage NAME -n privacy --result breach \\\n      --reasons 'the contact export goes to an unknown host' --by 'data protection office'"
    )]
    Triage(triage::Triage),
    /// Records that a report was sent to the controllers, which stops its clock. The command sends nothing itself.
    #[command(
        after_help = "Examples:\n  kubectl landfall incident report NAME -n privacy --first --sent-at now\n  kubectl landfall incident report NAME -n privacy --full --sent-at 2026-11-23T19:40:00+01:00 --by 'data protection office'"
    )]
    Report(report::Report),
    /// Records the measures taken and why they suffice (BR-DOC). The Incident stays open while a report is due.
    #[command(
        after_help = "Example:\n  kubectl landfall incident close NAME -n privacy --measures 'export removed from the release' \\\n      --measures 'data deleted there, confirmed in writing' --reasoning 'no data is left there' --by 'data protection office'"
    )]
    Close(close::Close),
}

/// The Incident to change.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// Name of the Incident, which is in the namespace of the agreement.
    #[arg(value_name = "NAME")]
    name: String,
    /// Only lets the API server check the change, without writing it.
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "server")]
    dry_run: Option<DryRun>,
    #[command(flatten)]
    format: FormatOptions,
}

/// Who checks a change that is not written, as in kubectl.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DryRun {
    /// The API server.
    Server,
}

/// The changed object for programs, and a message for people.
#[derive(Debug, Serialize)]
struct Changed {
    #[serde(flatten)]
    object: Value,
    #[serde(skip)]
    text: String,
}

impl IncidentCommand {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        match self.action {
            Action::Triage(triage) => {
                change(&scope, locale, &triage.target, |incident, context| triage.plan(incident, context)).await
            }
            Action::Report(report) => {
                change(&scope, locale, &report.target, |incident, context| report.plan(incident, context)).await
            }
            Action::Close(close) => {
                change(&scope, locale, &close.target, |incident, context| close.plan(incident, context)).await
            }
        }
    }
}

async fn change(
    scope: &Scope,
    locale: Locale,
    target: &Target,
    plan: impl Fn(&Incident, &DisplayContext) -> anyhow::Result<Plan>,
) -> anyhow::Result<ExitStatus> {
    let cluster = scope.connect().await?;
    let is_dry = target.dry_run == Some(DryRun::Server);
    for _ in 0..MAX_TRIES {
        let Found { object, read } = find_one(&cluster, scope, &target.name).await?;
        let context = DisplayContext::local(locale, cluster.kubectl());
        let (object, text) = match plan(&read, &context)? {
            Plan::Unchanged(text) => (serde_json::to_value(object)?, text),
            Plan::Write { change, text } => {
                let spec = change.apply_to(&object.data["spec"]);
                // With the version that was read, so that a concurrent change is not overwritten.
                let patch =
                    json!({ "metadata": { "resourceVersion": object.metadata.resource_version }, "spec": spec });
                let (namespace, name) = namespaced_name(&read);
                match cluster.patch::<IncidentSpec>(&namespace, &name, &patch, is_dry).await? {
                    Written::Done(object) => (serde_json::to_value(object)?, text),
                    Written::Conflict => continue,
                }
            }
        };
        let text = if is_dry { format!("{}\n{text}", dry_run_notice(&context)) } else { text };
        let mut printer = Printer::<Paragraphs<Changed>>::new(target.format.format());
        printer.print(&Changed { object: sanitize::object(object), text })?;
        printer.finish()?;
        return Ok(ExitStatus::Success);
    }
    bail!(
        "Incident {} is being changed by others all the time; nothing was changed, try again",
        line(&target.name, 253)
    )
}

/// The only Incident of a name.
async fn find_one(cluster: &Cluster, scope: &Scope, name: &str) -> anyhow::Result<Found<IncidentSpec>> {
    let range = scope.range(cluster);
    let kubectl = cluster.kubectl();
    let mut found = cluster.find::<IncidentSpec>(&range, name).await?;
    if found.len() > 1 {
        let namespaces: Vec<_> = found.iter().map(|found| namespaced_name(&found.read).0).collect();
        bail!("several Incidents are named {}; choose a namespace with -n: {}", line(name, 253), namespaces.join(", "));
    }
    let Some(found) = found.pop() else {
        let list = match &range {
            Range::All => kubectl.plugin("incidents -A"),
            Range::Namespace(namespace) => kubectl.plugin(format_args!("incidents -n {}", shell_word(namespace))),
        };
        let everywhere = match &range {
            Range::All => String::new(),
            // Incidents are in the namespace of the agreement, where few people work.
            Range::Namespace(_) => format!("\nsearch all namespaces: {}", kubectl.plugin("incidents -A")),
        };
        let place = range.in_words(Locale::ENGLISH);
        bail!("no Incident {} {place}\nlist the Incidents: {list}{everywhere}", line(name, 253));
    };
    ensure!(
        found.object.metadata.deletion_timestamp.is_none(),
        "Incident {} is being deleted; the operator creates it again with all entries, try again then",
        line(name, 253)
    );
    Ok(found)
}

/// What precedes the message of a dry run.
fn dry_run_notice(context: &DisplayContext) -> &'static str {
    context.text(
        "dry run: the API server accepts the change, nothing was written",
        "Probelauf: der API-Server nimmt die Änderung an, nichts wurde geschrieben",
    )
}

impl Paragraph for Changed {
    fn paragraph(&self) -> String {
        self.text.clone()
    }
}
