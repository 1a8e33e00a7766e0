//! `kubectl landfall explain`: the reasoning of one Transfer, and the Incidents about it.

mod explanation;

use anyhow::bail;
use landfall_api::{IncidentSpec, TransferSpec};
use serde::Serialize;

pub(super) use self::explanation::explain;
use super::{
    Incident, Transfer,
    cluster::{Cluster, Range, Scope},
    context::{DisplayContext, namespaced_name},
    sanitize::{line, shell_word},
};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    locale::Locale,
    options::FormatOptions,
    output::{Paragraph, Paragraphs, Printer},
};

/// Explains the verdict on one Transfer.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// Name of the Transfer; with -A all Transfers of that name.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    #[command(flatten)]
    format: FormatOptions,
}

/// A Transfer with its explanation.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    transfer: Transfer,
    /// Absent if they could not be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    incidents: Option<Vec<Incident>>,
    explanation: Vec<String>,
}

impl Explain {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        let Self { name, format } = self;
        let cluster = scope.connect().await?;
        let range = scope.range(&cluster);
        let found: Vec<_> =
            cluster.find::<TransferSpec>(&range, &name).await?.into_iter().map(|found| found.read).collect();
        if found.is_empty() {
            bail!(not_found(&name, &range, &cluster));
        }
        let mut printer = Printer::<Paragraphs<Explained>>::new(format.format());
        for transfer in found {
            let incidents = incidents_about(&cluster, &transfer).await;
            let context = DisplayContext::local(locale, cluster.kubectl());
            let explanation = explain(&transfer, incidents.as_deref(), &context);
            printer.print(&Explained { transfer, incidents, explanation })?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

fn not_found(name: &str, range: &Range, cluster: &Cluster) -> String {
    let kubectl = cluster.kubectl();
    let (name, place) = (line(name, 253), range.in_words(Locale::ENGLISH));
    let (list, everywhere) = match range {
        Range::All => (kubectl.plugin("transfers -A"), String::new()),
        Range::Namespace(namespace) => {
            let everywhere = kubectl.plugin(format_args!("explain {} -A", shell_word(&name)));
            (kubectl.command(namespace, "get transfers"), format!("\nsearch all namespaces: {everywhere}"))
        }
    };
    format!("no Transfer {name} {place}\nlist the Transfers: {list}{everywhere}")
}

/// The Incidents about a Transfer. Without the right to list them the reasoning is still shown, with a warning.
async fn incidents_about(cluster: &Cluster, transfer: &Transfer) -> Option<Vec<Incident>> {
    let namespace = transfer.spec.agreement.namespace.clone();
    match cluster.list::<IncidentSpec>(&Range::Namespace(namespace), None).await {
        Ok(mut incidents) => {
            incidents.retain(|incident| is_about(incident, transfer));
            Some(incidents)
        }
        Err(error) => {
            diagnostics::warning(format_args!("it is not known whether there is an Incident: {error:#}"));
            None
        }
    }
}

fn is_about(incident: &Incident, transfer: &Transfer) -> bool {
    let (namespace, name) = namespaced_name(transfer);
    let reference = incident.spec.transfer_ref.as_ref();
    reference.is_some_and(|reference| (&reference.namespace, &reference.name) == (&namespace, &name))
        || incident.spec.edge.as_ref() == Some(&transfer.spec)
}

impl Paragraph for Explained {
    fn paragraph(&self) -> String {
        self.explanation.join("\n")
    }
}
