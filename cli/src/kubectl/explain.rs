//! `kubectl landfall explain`: the reasoning of one Transfer, and the Incident about it.

mod page;

use anyhow::bail;
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::{IncidentSpec, TransferSpec};
use serde::Serialize;

pub(super) use self::page::{Page, explain};
use super::{
    Incident, Transfer,
    cluster::{Cluster, Range, Scope},
    harmless::{line, word},
    transfers,
    words::Words,
};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// The reasoning of one Transfer.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// Name of the Transfer; with -A every one of that name.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    #[command(flatten)]
    format: FormatOptions,
}

/// A Transfer with what is to be said about it.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    transfer: Transfer,
    /// Absent: they could not be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    incidents: Option<Vec<Incident>>,
    explanation: Vec<String>,
}

/// Explanations, one below the other.
#[derive(Debug, Default)]
struct Explanations(Vec<String>);

impl Explain {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        let Self { name, format } = self;
        let cluster = scope.connect().await?;
        let range = scope.range(&cluster);
        let found: Vec<_> =
            cluster.find::<TransferSpec>(&range, &name).await?.into_iter().map(|found| found.read).collect();
        if found.is_empty() {
            let (name, there) = (line(&name, 253), range.named(Words(landfall_transfer_law::Language::English)));
            let list = match &range {
                Range::All => cluster.kubectl().plugin("transfers -A"),
                Range::Namespace(namespace) => cluster.kubectl().command(namespace, "get transfers"),
            };
            let everywhere = match &range {
                Range::All => String::new(),
                Range::Namespace(_) => {
                    format!(
                        "\nin another namespace: {}",
                        cluster.kubectl().plugin(format_args!("explain {} -A", word(&name)))
                    )
                }
            };
            bail!("no Transfer {name} {there}\nthose that are there: {list}{everywhere}");
        }
        let mut printer = Printer::filling(Explanations::default(), format.format());
        for transfer in found {
            let incidents = about(&cluster, &transfer).await;
            let page = Page { words, zone: TimeZone::system(), now: Timestamp::now(), kubectl: cluster.kubectl() };
            let explanation = explain(&transfer, incidents.as_deref(), &page);
            printer.print(&Explained { transfer, incidents, explanation })?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

/// The Incidents about a Transfer. Who may not see them is told so, and still gets the reasoning.
async fn about(cluster: &Cluster, transfer: &Transfer) -> Option<Vec<Incident>> {
    let namespace = transfer.spec.agreement.namespace.clone();
    match cluster.list::<IncidentSpec>(&Range::Namespace(namespace), None).await {
        Ok(mut incidents) => {
            incidents.retain(|incident| is_about(incident, transfer));
            Some(incidents)
        }
        Err(error) => {
            diagnostics::warning(format_args!("whether there is an Incident is not known: {error:#}"));
            None
        }
    }
}

fn is_about(incident: &Incident, transfer: &Transfer) -> bool {
    let (namespace, name) = transfers::named(transfer);
    let refers = incident.spec.transfer_ref.as_ref();
    refers.is_some_and(|refers| (&refers.namespace, &refers.name) == (&namespace, &name))
        || incident.spec.edge.as_ref() == Some(&transfer.spec)
}

impl Table for Explanations {
    type Row<'a> = Explained;

    fn push(&mut self, explained: &Explained) {
        self.0.push(explained.explanation.join("\n"));
    }

    fn render(&self, _screen: Screen) -> String {
        self.0.join("\n\n")
    }
}
