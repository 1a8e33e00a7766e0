//! Kubernetes Events for changed verdicts, never for a persisting state. Each is about an agreement, in its namespace.

use crate::{judging::Transition, metrics::Metrics, objects::Events, views::Views};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType};
use landfall_api::{API_VERSION, Kind as _, ProcessingAgreementSpec};
use landfall_transfer_law::Outcome;

/// Publishes an Event for each relevant transition. Does not return.
pub(crate) async fn keep(views: Views, events: Events, metrics: Metrics) {
    let mut shown = views.subscribe();
    while shown.changed().await.is_ok() {
        let (transitions, dropped) = views.take_transitions();
        metrics.events_dropped.inc_by(dropped);
        for transition in transitions {
            let Some(event) = event(&transition) else { continue };
            let agreement = &transition.edge.agreement;
            let about = ObjectReference {
                api_version: Some(API_VERSION.to_owned()),
                kind: Some(ProcessingAgreementSpec::KIND.to_owned()),
                name: Some(agreement.name.clone()),
                namespace: Some(agreement.namespace.clone()),
                ..ObjectReference::default()
            };
            if !events.publish(event, about) {
                metrics.events_dropped.inc();
            }
        }
    }
}

/// The Event for a transition; `None` if nobody needs to know.
fn event(transition: &Transition) -> Option<Event> {
    let Transition { edge, before, after, is_personal } = transition;
    let is_bad = |outcome: &Outcome| *outcome >= Outcome::Unknown;
    let (type_, reason) = match (before, after) {
        // No personal data is known to be sent, as in DNS lookups.
        (_, Outcome::Unknown) if !is_personal => return None,
        // The same outcome for other reasons, which the Transfer and the ledger show.
        (Some(before), after) if before == after => return None,
        (_, Outcome::Unlawful) => (EventType::Warning, "TransferUnlawful"),
        (_, Outcome::Unknown) => (EventType::Warning, "TransferUnknown"),
        (Some(before), _) if is_bad(before) => (EventType::Normal, "TransferRestored"),
        _ => return None,
    };
    let was = before.map_or("not seen before".to_owned(), |before| format!("{before} before"));
    let note = format!("{} to {}: {after}, {was}", edge.exporter, edge.recipient);
    Some(Event { type_, reason: reason.to_owned(), note: Some(note), action: "Judge".to_owned(), secondary: None })
}

#[cfg(test)]
mod tests {
    use landfall_transfer_law::{AgreementId, EdgeId, Exporter};

    use super::*;

    fn event_of(before: Option<Outcome>, after: Outcome) -> Option<(String, String)> {
        event_with(before, after, true)
    }

    fn event_with(before: Option<Outcome>, after: Outcome, is_personal: bool) -> Option<(String, String)> {
        let edge = EdgeId {
            cluster: "test".to_owned(),
            agreement: AgreementId { namespace: "privacy".to_owned(), name: "avv".to_owned() },
            exporter: Exporter::workload("crm", "Deployment", "sync"),
            recipient: "openai".to_owned(),
            endpoint: "eu".to_owned(),
        };
        event(&Transition { edge: edge.into(), before, after, is_personal })
            .map(|event| (event.reason, event.note.unwrap()))
    }

    #[test]
    fn only_relevant_transitions_become_events() {
        let note = |end: &str| format!("crm/Deployment/sync to openai: {end}");
        let unlawful = ("TransferUnlawful".to_owned(), note("Unlawful, Permitted before"));
        assert_eq!(event_of(Some(Outcome::Permitted), Outcome::Unlawful), Some(unlawful));
        let unknown = ("TransferUnknown".to_owned(), note("Unknown, not seen before"));
        assert_eq!(event_of(None, Outcome::Unknown), Some(unknown));
        let restored = ("TransferRestored".to_owned(), note("Conditional, Unlawful before"));
        assert_eq!(event_of(Some(Outcome::Unlawful), Outcome::Conditional), Some(restored));
        assert_eq!(event_with(None, Outcome::Unknown, false), None);
        assert_eq!(event_with(None, Outcome::Unlawful, false).unwrap().0, "TransferUnlawful");
        assert_eq!(event_of(Some(Outcome::Unlawful), Outcome::Unlawful), None);
        assert_eq!(event_of(None, Outcome::Permitted), None);
        assert_eq!(event_of(Some(Outcome::Permitted), Outcome::Conditional), None);
    }
}
