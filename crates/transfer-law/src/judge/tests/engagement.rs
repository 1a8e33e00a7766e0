//! Engagements, chains and controllers.

use super::*;
use crate::{OptionalActivation, Setting, TlsPromise};

#[test]
fn an_engagement_can_end() {
    let with = |ended: Option<&str>| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        engagement(agreement(&mut rules)).ended = ended.map(at);
        let verdict = judged(&rules, &to_acme(), now());
        (verdict.outcome, codes(&verdict), verdict.holds_until)
    };
    let end = "2026-11-23T10:00:00Z";
    // After 180 days the facts about the recipient are old.
    let stale = Some(at("2027-04-30T00:00:00.000000001Z"));
    assert_eq!(with(Some(end)), (Outcome::Unlawful, vec![ReasonCode::EngagementEnded], stale));
    assert_eq!(with(None), (Outcome::IntraEea, vec![], stale));
    let later = "2026-11-24T00:00:00Z";
    assert_eq!(with(Some(later)), (Outcome::IntraEea, vec![], Some(at(later))));
}

#[test]
fn switching_on_can_be_read_as_a_change_that_needs_a_notice() {
    let with = |reading, activation: Activation, effective_from: Option<&str>| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        let agreement = agreement(&mut rules);
        agreement.interpretation.optional_activation = reading;
        let engagement = engagement(agreement);
        (engagement.activation, engagement.effective_from) = (activation, effective_from.map(at));
        let mut edge = to_acme();
        edge.tenants.insert("a".into());
        let verdict = judged(&rules, &edge, now());
        let setting = verdict.reasons.first().and_then(|reason| reason.ground.setting);
        (verdict.outcome, codes(&verdict), setting)
    };
    let on = || Activation::Optional { active: true };
    let tenants = || Activation::PerTenant { tenants: ["a".to_owned()].into() };
    let fine = (Outcome::IntraEea, vec![], None);
    let past = Some("2026-11-01T00:00:00Z");
    for activation in [on(), tenants(), Activation::Default] {
        assert_eq!(with(OptionalActivation::Instruction, activation.clone(), None), fine);
        assert_eq!(with(OptionalActivation::ChangeNotice, activation.clone(), past), fine);
        let without = with(OptionalActivation::ChangeNotice, activation.clone(), None);
        let setting = Some(Setting::OptionalActivation(OptionalActivation::ChangeNotice));
        let expected = (Outcome::Unlawful, vec![ReasonCode::ObjectionPeriodRunning], setting);
        assert_eq!(without, if activation == Activation::Default { fine.clone() } else { expected });
    }
}

#[test]
fn a_promise_about_one_sub_processor_counts_beside_that_about_all() {
    let with = |all: Option<TlsVersion>, own: Option<TlsVersion>, seen: TlsVersion| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        let agreement = agreement(&mut rules);
        let promise = |clause: &str| {
            let clause = Citation::from(clause);
            move |version| TlsPromise { version, clause }
        };
        agreement.minimum_tls = all.map(promise("all"));
        engagement(agreement).minimum_tls = own.map(promise("own"));
        let mut edge = to_acme();
        edge.channel.tls_versions.insert(seen);
        let verdict = judged(&rules, &edge, now());
        verdict.reasons.first().and_then(|reason| reason.ground.clause.map(Citation::as_str))
    };
    let (v12, v13) = (TlsVersion::V1_2, TlsVersion::V1_3);
    assert_eq!(with(Some(v12), Some(v13), v12), Some("own"));
    assert_eq!(with(Some(v12), Some(v13), v13), None);
    assert_eq!(with(Some(v13), Some(v12), v12), Some("all"));
    assert_eq!(with(Some(v13), Some(v13), v12), Some("all"));
    assert_eq!(with(None, Some(v13), v12), Some("own"));
    assert_eq!(with(Some(v13), None, v12), Some("all"));
    assert_eq!(with(None, None, v12), None);
}

/// `acme` → `middle` → `last`, in the United States.
fn chained() -> Ruleset {
    let next = |name: &str, to: &str| OnwardRecipient {
        entity: entity(name, "US"),
        places: Places::Only(places("US")),
        purpose: "hosting".into(),
        recipient: Some(to.to_owned()),
    };
    let mut acme = recipient("Acme GmbH", "DE", "DE");
    acme.onward = Some(vec![next("Middle Inc.", "middle")]);
    let mut rules = ruleset(acme);
    let mut middle = recipient("Middle Inc.", "US", "US");
    middle.onward = Some(vec![next("Last Inc.", "last")]);
    rules.recipients.insert("middle".into(), middle);
    rules.recipients.insert("last".into(), recipient("Last Inc.", "US", "US"));
    rules
}

fn importers(verdict: &Verdict<'_>) -> Vec<String> {
    verdict.chain.iter().map(|hop| format!("{} → {}", hop.exporter, hop.importer)).collect()
}

#[test]
fn the_chain_goes_on_through_registered_recipients() {
    let mut rules = chained();
    let verdict = judged(&rules, &to_acme(), now());
    let expected = ["Processor GmbH → Acme GmbH", "Acme GmbH → Middle Inc.", "Middle Inc. → Last Inc."];
    assert_eq!((verdict.outcome, importers(&verdict)), (Outcome::Unlawful, expected.map(str::to_owned).to_vec()));
    rules.bases.push(dpf("Middle Inc."));
    assert_eq!(outcome(&rules, &to_acme()), Outcome::Unlawful);
    rules.bases.push(Basis { name: "last".into(), ..dpf("Last Inc.") });
    assert_eq!(outcome(&rules, &to_acme()), Outcome::Permitted);
    rules.recipients.get_mut("last").unwrap().onward = None;
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, verdict.missing[0].subject), (Outcome::Conditional, "last"));
}

#[test]
fn a_chain_that_comes_back_is_judged_once() {
    for back_to in ["acme", "middle", "last"] {
        let mut rules = chained();
        let back = OnwardRecipient {
            entity: entity("Back Inc.", "US"),
            places: Places::Anywhere,
            purpose: "loop".into(),
            recipient: Some(back_to.to_owned()),
        };
        rules.recipients.get_mut("last").unwrap().onward = Some(vec![back]);
        let verdict = judged(&rules, &to_acme(), now());
        assert_eq!(verdict.chain.len(), 4, "{back_to}");
        assert!(verdict.chain[3].anywhere);
    }
}

#[test]
fn the_data_of_one_controller_is_not_for_another() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let with = |tenants: &[&str], is_seen: bool| {
        let network =
            Counterpart::OwnNetwork { operator: "Controller GmbH".into(), jurisdiction: "DE".parse().unwrap() };
        let mut edge = edge(network);
        edge.tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
        let edge = if is_seen { seen(edge, &[DataCategory::NAME]) } else { edge };
        let verdict = judged(&rules, &edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let other = |outcome| (outcome, vec![ReasonCode::OtherController]);
    assert_eq!(with(&["b"], true), (Outcome::IntraEea, vec![]));
    assert_eq!(with(&[], true), (Outcome::IntraEea, vec![]));
    assert_eq!(with(&["a"], true), other(Outcome::Unlawful));
    assert_eq!(with(&["a", "b"], false), other(Outcome::Unknown));
}

#[test]
fn old_facts_degrade_what_they_permit_and_are_noted_within_the_eea() {
    let mut near = recipient("Acme GmbH", "DE", "DE");
    near.as_of = date(2026, 1, 1);
    let verdict = judged(&ruleset(near), &located(to_acme(), Some("DE")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::IntraEea, vec![NoteCode::StaleFacts]));
    // Besides what else is missing.
    let mut far = recipient("Acme Inc.", "US", "US");
    (far.as_of, far.onward) = (date(2026, 1, 1), None);
    let mut rules = ruleset(far);
    rules.bases.push(dpf("Acme Inc."));
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!(missing(&verdict), [MissingCode::OnwardList, MissingCode::FreshLegalData]);
    assert_eq!(verdict.missing[1].ground.setting, Some(Setting::LegalDataMaxAgeDays(180)));
}

#[test]
fn a_verdict_says_until_when_it_holds() {
    let mut rules = american();
    let until = at("2027-01-01T00:00:00Z");
    rules.bases.push(Basis { validity: Validity { until: Some(until), ..Validity::default() }, ..dpf("Acme Inc.") });
    assert_eq!(judged(&rules, &to_acme(), now()).holds_until, Some(until));
    let declared = edge(Counterpart::DeclaredNotPersonal {
        reason: "time".into(),
        until: Some(until),
        otherwise: Box::new(Counterpart::DataSubject),
    });
    assert_eq!(judged(&rules, &declared, now()).holds_until, Some(until));
    assert_eq!(judged(&rules, &edge(Counterpart::DataSubject), now()).holds_until, None);
}

#[test]
fn traffic_of_before_the_end_of_the_objection_period_stays_unlawful() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    engagement(agreement(&mut rules)).effective_from = Some(at("2026-11-20T00:00:00Z"));
    let mut edge = to_acme();
    assert_eq!(outcome(&rules, &edge), Outcome::IntraEea);
    edge.first_seen = at("2026-11-19T00:00:00Z");
    assert_eq!(codes(&judged(&rules, &edge, now())), [ReasonCode::ObjectionPeriodRunning]);
}

#[test]
fn a_network_is_a_recipients_by_either_of_its_names() {
    let mut acme = recipient("Acme Ireland", "IE", "IE");
    acme.legal_entity = entity("Acme Inc.", "US");
    let rules = ruleset(acme);
    for operator in ["Acme Ireland", "Acme Inc."] {
        let network = Counterpart::OwnNetwork { operator: operator.into(), jurisdiction: "IE".parse().unwrap() };
        assert_eq!(outcome(&rules, &edge(network)), Outcome::IntraEea, "{operator}");
    }
}

#[test]
fn a_network_of_ones_own_is_shown_where_it_is_and_on_what_that_rests() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let network = Counterpart::OwnNetwork { operator: "Processor GmbH".into(), jurisdiction: "DE".parse().unwrap() };
    let verdict = judged(&rules, &edge(network), now());
    assert_eq!((verdict.location.jurisdictions, verdict.grounds.len()), (places("DE"), 1));
    let declared = Counterpart::DeclaredNotPersonal {
        reason: "time".into(),
        until: None,
        otherwise: Box::new(to_acme().counterpart),
    };
    for counterpart in [Counterpart::DataSubject, declared] {
        assert_eq!(judged(&rules, &edge(counterpart), now()).grounds.len(), 1);
    }
}

#[test]
fn named_places_of_storage_and_access_leave_none_unnamed() {
    let mut acme = recipient("Acme GmbH", "DE", "DE");
    let entry = acme.endpoints.get_mut("main").unwrap();
    (entry.storage, entry.access) = (Some(Places::Only(places("FR"))), Some(Places::Only(places("AT"))));
    let verdict = judged(&ruleset(acme), &to_acme(), now());
    assert_eq!((verdict.chain[0].anywhere, verdict.chain[0].places), (false, places("AT DE FR")));
}
