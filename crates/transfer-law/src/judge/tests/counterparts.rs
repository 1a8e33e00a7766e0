//! Who the other side is: strangers, own networks, data subjects, declared and ambiguous ones.

use super::*;
use crate::{EdgeId, Exporter, Language, explain};

#[test]
fn an_unregistered_recipient_is_unlawful_only_when_a_category_was_seen() {
    let rules = american();
    let mut held = to_stranger();
    held.categories.held.insert(DataCategory::NAME);
    let mut declared = to_stranger();
    declared.categories.declared.insert(DataCategory::NAME);
    for (edge, expected, rung) in [
        (seen(to_stranger(), &[DataCategory::EMAIL_ADDRESS]), Outcome::Unlawful, Rung::Seen),
        (held, Outcome::Unknown, Rung::Held),
        (declared, Outcome::Unknown, Rung::Declared),
        (to_stranger(), Outcome::Unknown, Rung::None),
    ] {
        let verdict = judged(&rules, &edge, now());
        assert_eq!((verdict.outcome, verdict.categories.rung), (expected, rung));
        assert_eq!(codes(&verdict), [ReasonCode::UnregisteredRecipient]);
        assert_eq!(verdict.reasons[0].ground.clause.map(Citation::as_str), Some("L36"));
    }
}

#[test]
fn of_a_topic_it_is_said_what_is_held_in_it_or_declared_for_it() {
    let rules = american();
    let of_topic = |mut edge: Edge| {
        let id = EdgeId { exporter: Exporter::topic("crm", "events", "people"), ..(*edge.id).clone() };
        edge.id = std::sync::Arc::new(id);
        edge
    };
    let mut declared = of_topic(to_stranger());
    declared.categories.declared.insert(DataCategory::NAME);
    let mut held = of_topic(to_stranger());
    held.categories.held.insert(DataCategory::NAME);
    let sees = seen(of_topic(to_stranger()), &[DataCategory::NAME]);
    for (edge, outcome, english, german) in [
        (&declared, Outcome::Unknown, "Declared for the topic: pd:Name.", "Für das Topic erklärt: pd:Name."),
        (
            &held,
            Outcome::Unknown,
            "Seen in this topic within 30 days: pd:Name.",
            "In diesem Topic binnen 30 Tagen gesehen: pd:Name.",
        ),
        (&sees, Outcome::Unlawful, "Seen in the traffic: pd:Name.", "Im Verkehr gesehen: pd:Name."),
    ] {
        let verdict = judged(&rules, edge, now());
        assert_eq!((verdict.outcome, codes(&verdict)), (outcome, vec![ReasonCode::UnregisteredRecipient]));
        let told = [Language::English, Language::German].map(|language| explain(edge, &verdict, language).join("\n"));
        assert!(told[0].contains(english) && !told[0].contains("workload"), "{}", told[0]);
        assert!(told[1].contains(german) && !told[1].contains("Workload"), "{}", told[1]);
    }
}

#[test]
fn own_networks_are_intra_party_and_those_of_others_are_judged_as_they() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let network = |operator: &str, place: &str| {
        let counterpart = Counterpart::OwnNetwork { operator: operator.into(), jurisdiction: place.parse().unwrap() };
        let verdict = judged(&rules, &seen(edge(counterpart), &[DataCategory::NAME]), now());
        (verdict.outcome, notes(&verdict))
    };
    assert_eq!(network("Processor GmbH", "DE"), (Outcome::NotATransfer, vec![]));
    assert_eq!(network("Processor GmbH", "US"), (Outcome::NotATransfer, vec![NoteCode::ThirdCountryAccessRisk]));
    assert_eq!(network("Controller GmbH", "DE").0, Outcome::IntraEea);
    assert_eq!(network("Controller AG", "CH").0, Outcome::Unlawful);
    assert_eq!(network("Acme GmbH", "DE").0, Outcome::IntraEea);
    assert_eq!(network("Hoster Inc.", "DE").0, Outcome::Unlawful);
    rules.bases.push(adequacy("CH"));
    let counterpart = Counterpart::OwnNetwork { operator: "Controller AG".into(), jurisdiction: "CH".parse().unwrap() };
    assert_eq!(outcome(&rules, &edge(counterpart)), Outcome::Permitted);
}

#[test]
fn inbound_clients_are_data_subjects_and_remote_access_is_not() {
    let rules = american();
    assert_eq!(outcome(&rules, &edge(Counterpart::DataSubject)), Outcome::NotATransfer);
    let access = edge(Counterpart::Unregistered { label: "AS64500".into(), remote_access: true });
    assert_eq!(outcome(&rules, &seen(access, &[DataCategory::NAME])), Outcome::Unlawful);
}

#[test]
fn a_declaration_of_no_personal_data_ends_and_is_overruled_by_a_finding() {
    let rules = american();
    let declared = |until: Option<&str>| {
        edge(Counterpart::DeclaredNotPersonal {
            reason: "time".into(),
            until: until.map(at),
            otherwise: Box::new(to_stranger().counterpart),
        })
    };
    assert_eq!(outcome(&rules, &declared(None)), Outcome::NotPersonal);
    assert_eq!(outcome(&rules, &declared(Some("2027-01-01T00:00:00Z"))), Outcome::NotPersonal);
    assert_eq!(outcome(&rules, &declared(Some("2026-01-01T00:00:00Z"))), Outcome::Unknown);
    assert_eq!(outcome(&rules, &seen(declared(None), &[DataCategory::NAME])), Outcome::Unlawful);
}

#[test]
fn several_names_for_one_address_are_unknown() {
    let ambiguous = edge(Counterpart::Ambiguous { candidates: vec!["acme".into(), "unregistered:x.example".into()] });
    let verdict = judged(&american(), &ambiguous, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::AmbiguousName]));
}
