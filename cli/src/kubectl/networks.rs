//! `kubectl landfall networks`: networks of the cluster that an agreement does not declare yet, as text to add to it.
//!
//! The operator finds them and writes the text into the condition `OwnNetworksDeclared`; this command prints it.

use landfall_api::{Condition, ConditionStatus, ProcessingAgreementSpec, Stored, condition};
use serde::Serialize;

use super::{
    cluster::{Range, Scope},
    context::{DisplayContext, namespaced_name},
    sanitize::{line, shell_word},
};
use crate::{
    exit_status::ExitStatus,
    locale::Locale,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// Prints networks of the cluster that an agreement does not declare yet.
#[derive(Debug, clap::Args)]
pub(super) struct Networks {
    #[command(flatten)]
    format: FormatOptions,
}

/// The networks of an agreement.
#[derive(Debug, Serialize)]
pub(super) struct AgreementNetworks {
    namespace: String,
    agreement: String,
    /// Absent until the operator has set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
}

/// The networks of one agreement after the other.
pub(super) struct AgreementNetworksList {
    pub(super) blocks: Vec<String>,
    pub(super) context: DisplayContext,
    pub(super) range: Range,
}

impl Networks {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        let cluster = scope.connect().await?;
        // There are few agreements, and most people work in other namespaces.
        let range = if scope.namespace.is_none() { Range::All } else { scope.range(&cluster) };
        let agreements = cluster.list::<ProcessingAgreementSpec>(&range, None).await?;
        let list = AgreementNetworksList {
            blocks: Vec::new(),
            context: DisplayContext::local(locale, cluster.kubectl()),
            range,
        };
        let mut printer = Printer::with_table(list, self.format.format());
        for agreement in agreements {
            printer.print(&AgreementNetworks::from_agreement(agreement))?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

impl AgreementNetworks {
    pub(super) fn from_agreement(agreement: Stored<ProcessingAgreementSpec>) -> Self {
        let (namespace, name) = namespaced_name(&agreement);
        let conditions = agreement.status.map(|status| status.conditions).unwrap_or_default();
        Self {
            namespace,
            agreement: name,
            condition: conditions.into_iter().find(|it| it.r#type == condition::OWN_NETWORKS_DECLARED),
        }
    }
}

impl Table for AgreementNetworksList {
    type Row<'a> = AgreementNetworks;

    fn push(&mut self, networks: &AgreementNetworks) {
        let Self { blocks, context, .. } = self;
        let AgreementNetworks { namespace, agreement, condition } = networks;
        let title = format!("ProcessingAgreement {}", line(&format!("{namespace}/{agreement}"), 320));
        let text = match condition {
            None => context
                .text(
                    "the operator has not examined the networks of the cluster yet; is it running?",
                    "der Operator hat die Netze des Clusters noch nicht geprüft; läuft er?",
                )
                .to_owned(),
            // The text has several lines; all texts of an object are sanitized when it is read.
            Some(condition) => condition.message.clone(),
        };
        let add = match condition.as_ref().map(|condition| condition.status) {
            Some(ConditionStatus::False) => {
                let edit = context.kubectl.command(namespace, format_args!("edit agr {}", shell_word(agreement)));
                let what = context.text("To add it", "Eintragen");
                format!("\n\n{what}: {edit}")
            }
            _ => String::new(),
        };
        blocks.push(format!("{title}: {text}{add}"));
    }

    fn render(&self, _screen: Screen) -> String {
        let Self { blocks, context, range } = self;
        if blocks.is_empty() {
            return format!("0 ProcessingAgreements {}", range.in_words(context.locale));
        }
        blocks.join("\n\n")
    }
}
