//! The transfers that raise alerts. Pure.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_register::Alerting;
use landfall_transfer_law::{AgreementId, Certainty, EdgeId, Outcome};

use super::is_recent;
use crate::{
    judging::EdgeView,
    metrics::{AlertingTransfer, LocatedTransfer, TransferGauges, recipient_label},
};

/// Active transfers that a person must know of: unlawful ones, and unknown ones that are known, or declared, to send personal
/// data.
pub(super) fn gauges(
    views: &[Arc<EdgeView>],
    alerting: &BTreeMap<AgreementId, Alerting>,
    active: SignedDuration,
    now: Timestamp,
) -> TransferGauges {
    let usual = Alerting::default();
    let mut gauges = TransferGauges::default();
    for view in views {
        let EdgeView { edge, verdict } = &**view;
        if !is_recent(edge.last_seen, now, active) {
            continue;
        }
        let id = &edge.id;
        let place = located(id);
        if verdict.location.certainty.is(&Certainty::Conflict) {
            *gauges.conflicts.entry(place.clone()).or_default() += 1;
        }
        let is_alert = match verdict.outcome() {
            Outcome::Unlawful => true,
            Outcome::Unknown => verdict.is_personal(),
            _ => false,
        };
        if is_alert {
            let alerting = alerting.get(&id.agreement).unwrap_or(&usual);
            let reason = verdict.reasons.first().map(|reason| reason.code.to_string()).unwrap_or_default();
            let transfer = AlertingTransfer {
                place,
                outcome: verdict.outcome(),
                reason,
                severity: alerting.severity,
                muted: alerting.mutes(id, now),
            };
            *gauges.alerting.entry(transfer).or_default() += 1;
        }
    }
    gauges
}

/// The labels of an edge.
pub(super) fn located(id: &EdgeId) -> LocatedTransfer {
    LocatedTransfer {
        agreement: id.agreement.clone(),
        namespace: id.exporter.namespace().to_owned(),
        workload: id.exporter.local_name(),
        recipient: recipient_label(&id.recipient).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use landfall_api::{EdgeSelector, Kind as _, RecipientSpec, Severity};
    use landfall_register::Muted;
    use landfall_transfer_law::Counterpart;

    use super::*;
    use crate::{
        fixture::{at, observation, published},
        judging::Judge,
    };

    /// Recipient, verdict, reason, whether it is muted, and how many.
    fn alerts(gauges: &TransferGauges) -> Vec<(String, Outcome, String, bool, i64)> {
        let each = gauges.alerting.iter();
        each.map(|(it, count)| (it.place.recipient.clone(), it.outcome, it.reason.clone(), it.muted, *count)).collect()
    }

    fn views(hosts: &[&str]) -> Vec<Arc<EdgeView>> {
        let published = published();
        let mut judge = Judge::new(SignedDuration::from_hours(24));
        for (seq, host) in (0..).zip(hosts) {
            let mut observation = observation("a", seq, host);
            if host.contains("leak") {
                observation.sent.findings.push(landfall_observation::Finding {
                    category: landfall_observation::DataCategory::EMAIL_ADDRESS,
                    detector: "email".into(),
                    certainty: landfall_observation::FindingCertainty::Validated,
                    matches: 1,
                    records: 1,
                    places: vec![landfall_observation::Place::Body],
                });
            }
            judge.observe(&published, observation);
        }
        crate::fixture::edge_views(&judge.judge(&published, at(5))).into_iter().map(Arc::new).collect()
    }

    #[test]
    fn active_unlawful_transfers_raise_alerts_and_others_do_not() {
        let all = views(&["leak.example", "eu.api.openai.com"]);
        let none = BTreeMap::new();
        let active = SignedDuration::from_mins(10);
        let leak = ("unregistered".to_owned(), Outcome::Unlawful, "UnregisteredRecipient".to_owned(), false, 1);
        assert_eq!(alerts(&gauges(&all, &none, active, at(5))), std::slice::from_ref(&leak));
        assert_eq!(alerts(&gauges(&all, &none, active, at(15))), [], "it has stopped");

        let alerting = Alerting {
            severity: Severity::Critical,
            exceptions: vec![Muted {
                policy: "p".to_owned(),
                edges: EdgeSelector {
                    recipient: "unregistered:leak.example".to_owned(),
                    endpoint: None,
                    workload: None,
                    topic: None,
                },
                until: at(6),
            }],
        };
        let muting = BTreeMap::from([(all[0].edge.id.agreement.clone(), alerting)]);
        assert_eq!(alerts(&gauges(&all, &muting, active, at(5))), [(leak.0.clone(), leak.1, leak.2.clone(), true, 1)]);
        assert_eq!(alerts(&gauges(&all, &muting, active, at(6))), [leak], "the exception has ended");
    }

    #[test]
    fn labels_of_unregistered_recipients_are_reserved_names() {
        let place = "DE".parse().unwrap();
        let stranger = Counterpart::Unregistered { label: "leak.example".to_owned(), remote_access: false };
        let others = [
            Counterpart::Ambiguous { candidates: vec!["acme".to_owned(), "bolt".to_owned()] },
            Counterpart::OwnNetwork { operator: "Own GmbH".to_owned(), jurisdiction: place },
            Counterpart::DataSubject,
            Counterpart::DeclaredNotPersonal {
                reason: "time".to_owned(),
                until: None,
                otherwise: Box::new(stranger.clone()),
            },
            Counterpart::Truncated {
                address: "198.51.100.0/24".parse().unwrap(),
                candidates: Vec::new(),
                otherwise: Box::new(stranger.clone()),
            },
            Counterpart::Other { unregistered: true, remote_access: false },
            stranger,
        ];
        let labels: BTreeSet<_> = others.iter().map(|it| recipient_label(&it.recipient()).to_owned()).collect();
        let reserved: BTreeSet<_> = RecipientSpec::RESERVED.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(labels, reserved);
    }

    #[test]
    fn a_thousand_unregistered_recipients_of_a_workload_are_one_series() {
        let hosts: Vec<_> = (0..1_000).map(|number| format!("leak.s{number}.example")).collect();
        let views = views(&hosts.iter().map(String::as_str).collect::<Vec<_>>());
        let gauges = gauges(&views, &BTreeMap::new(), SignedDuration::from_hours(100), at(5));
        assert_eq!(alerts(&gauges).len(), 1);
        assert_eq!(gauges.alerting.values().sum::<i64>(), 1_000);
    }
}
