//! `kubectl landfall networks`: what of the cluster's own networks an agreement does not declare, as text to add to it.
//!
//! The operator reads the cluster and says it in the condition `OwnNetworksDeclared`; here it is shown.

use landfall_api::{Condition, ConditionStatus, ProcessingAgreementSpec, Stored, condition};
use landfall_transfer_law::Language;
use serde::Serialize;

use super::{
    cluster::{Kubectl, Range, Scope},
    harmless::{line, word},
    words::Words,
};
use crate::{
    exit_status::ExitStatus,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// The cluster's own networks, by agreement.
#[derive(Debug, clap::Args)]
pub(super) struct Networks {
    #[command(flatten)]
    format: FormatOptions,
}

/// What is said about an agreement.
#[derive(Debug, Serialize)]
pub(super) struct Declaration {
    namespace: String,
    agreement: String,
    /// The condition; absent: the operator has said nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
}

/// One agreement after the other.
pub(super) struct Declarations {
    pub(super) blocks: Vec<String>,
    pub(super) words: Words,
    pub(super) range: Range,
    pub(super) kubectl: Kubectl,
}

impl Networks {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        let cluster = scope.connect().await?;
        // Agreements are few, and in namespaces where few people work.
        let range = if scope.namespace.is_none() { Range::All } else { scope.range(&cluster) };
        let agreements = cluster.list::<ProcessingAgreementSpec>(&range, None).await?;
        let declarations = Declarations { blocks: Vec::new(), words, range, kubectl: cluster.kubectl() };
        let mut printer = Printer::filling(declarations, self.format.format());
        for agreement in agreements {
            printer.print(&Declaration::of(agreement))?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

impl Declaration {
    pub(super) fn of(agreement: Stored<ProcessingAgreementSpec>) -> Self {
        let conditions = agreement.status.map(|status| status.conditions).unwrap_or_default();
        Self {
            namespace: agreement.metadata.namespace.unwrap_or_default(),
            agreement: agreement.metadata.name.unwrap_or_default(),
            condition: conditions.into_iter().find(|it| it.r#type == condition::OWN_NETWORKS_DECLARED),
        }
    }
}

impl Table for Declarations {
    type Row<'a> = Declaration;

    fn push(&mut self, declaration: &Declaration) {
        let Self { blocks, words, kubectl, .. } = self;
        let Declaration { namespace, agreement, condition } = declaration;
        let title = format!("ProcessingAgreement {}", line(&format!("{namespace}/{agreement}"), 320));
        let said = match condition {
            None => words
                .say(
                    "the operator has not said anything about the cluster's networks; is it running?",
                    "der Operator hat zu den Netzen des Clusters nichts gesagt; läuft er?",
                )
                .to_owned(),
            // Its text has lines of its own; nothing in them drives a terminal.
            Some(condition) => condition.message.clone(),
        };
        let add = match condition.as_ref().map(|condition| condition.status) {
            Some(ConditionStatus::False) => {
                let edit = kubectl.command(namespace, format_args!("edit agr {}", word(agreement)));
                let what = match words.0 {
                    Language::English => "To add it",
                    Language::German => "Eintragen",
                };
                format!("\n\n{what}: {edit}")
            }
            _ => String::new(),
        };
        blocks.push(format!("{title}: {said}{add}"));
    }

    fn render(&self, _screen: Screen) -> String {
        let Self { blocks, words, range, .. } = self;
        if blocks.is_empty() {
            return format!("0 ProcessingAgreements {}", range.named(*words));
        }
        blocks.join("\n\n")
    }
}
