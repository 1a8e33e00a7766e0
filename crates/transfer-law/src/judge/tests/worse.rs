//! Where evidence is mixed, absent or about somebody else, the worse reading counts.

use super::*;

fn network_of(operator: &str, place: &str) -> Edge {
    edge(Counterpart::OwnNetwork { operator: operator.into(), jurisdiction: place.parse().unwrap() })
}

#[test]
fn a_network_that_a_recipient_runs_is_judged_where_it_is() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let abroad = judged(&rules, &network_of("Acme GmbH", "US"), now());
    assert_eq!((abroad.outcome, codes(&abroad)), (Outcome::Unlawful, vec![ReasonCode::NoBasis]));
    assert_eq!(abroad.location.jurisdictions, places("US"));
    // A hint never conflicts with what is declared.
    let mut hinted = located(network_of("Acme GmbH", "DE"), Some("US"));
    hinted.location[0].method = LocationMethod::CountryDb;
    assert_eq!(outcome(&rules, &hinted), Outcome::IntraEea);
    assert_eq!(outcome(&rules, &located(network_of("Acme GmbH", "DE"), Some("US"))), Outcome::Unlawful);
}

#[test]
fn the_network_of_a_stranger_is_where_it_was_declared() {
    let verdict = judged(&american(), &network_of("Hoster Inc.", "SG"), now());
    assert_eq!((verdict.outcome, verdict.location.jurisdictions), (Outcome::Unknown, places("SG")));
}

#[test]
fn what_goes_back_to_the_controller_is_held_to_annexes_1_and_2() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let mut edge = seen(network_of("Controller GmbH", "DE"), &[DataCategory::BANK_ACCOUNT]);
    edge.channel.tls_versions.insert(TlsVersion::V1_0);
    let verdict = judged(&rules, &edge, now());
    assert_eq!(codes(&verdict), [ReasonCode::CategoryOutsideAgreement, ReasonCode::MeasureNotMet]);
    assert_eq!(outcome(&rules, &located(network_of("Controller GmbH", "DE"), Some("US"))), Outcome::Unlawful);
}

#[test]
fn an_entry_that_the_register_lacks_attests_no_place() {
    let edge = edge(Counterpart::Registered { recipient: "acme".to_owned(), endpoint: "gone".to_owned() });
    let verdict = judged(&ruleset(recipient("Acme GmbH", "DE", "DE")), &edge, now());
    assert_eq!((verdict.outcome, verdict.location.anywhere), (Outcome::Unlawful, true));
}

#[test]
fn several_names_do_not_excuse_what_is_unlawful_for_each() {
    let rules = american();
    let either = |candidates: &[&str]| {
        edge(Counterpart::Ambiguous { candidates: candidates.iter().map(|name| (*name).to_owned()).collect() })
    };
    let name = [DataCategory::NAME];
    let strangers = judged(&rules, &seen(either(&["x.example", "y.example"]), &name), now());
    assert_eq!(codes(&strangers), [ReasonCode::UnregisteredRecipient, ReasonCode::AmbiguousName]);
    assert_eq!(strangers.outcome, Outcome::Unlawful);
    let perhaps_acme = seen(either(&["acme/main", "x.example"]), &name);
    assert_eq!(outcome(&rules, &perhaps_acme), Outcome::Unknown);
    assert_eq!(outcome(&rules, &either(&["x.example", "y.example"])), Outcome::Unknown);

    let card = judged(&rules, &seen(either(&["acme/main", "x.example"]), &[DataCategory::CREDIT_CARD_NUMBER]), now());
    assert_eq!(codes(&card), [ReasonCode::CategoryOutsideAgreement, ReasonCode::AmbiguousName]);
    let mut old = perhaps_acme;
    old.channel.tls_versions.insert(TlsVersion::V1_0);
    assert_eq!(codes(&judged(&rules, &old, now())), [ReasonCode::MeasureNotMet, ReasonCode::AmbiguousName]);
}

#[test]
fn of_recipients_that_are_not_kept_apart_none_is_permitted() {
    let rules = american();
    let many = |unregistered, remote_access| edge(Counterpart::Other { unregistered, remote_access });
    let name = [DataCategory::NAME];
    let judged_codes = |edge: &Edge| {
        let verdict = judged(&rules, edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let unknown = (Outcome::Unknown, vec![ReasonCode::TooManyRecipients]);
    let unlawful = (Outcome::Unlawful, vec![ReasonCode::UnregisteredRecipient, ReasonCode::TooManyRecipients]);
    assert_eq!(judged_codes(&many(false, false)), unknown);
    assert_eq!(judged_codes(&many(true, false)), unknown);
    assert_eq!(judged_codes(&seen(many(false, false), &name)), unknown);
    assert_eq!(judged_codes(&seen(many(true, false), &name)), unlawful);
    assert_eq!(judged_codes(&seen(many(true, true), &name)), unlawful);
    // A category that is merely held makes nothing Unlawful; one that is sent and not in Annex 1 does.
    let mut held = many(true, false);
    held.categories.held.extend(name);
    let verdict = judged(&rules, &held, now());
    assert_eq!((verdict.outcome, verdict.categories.rung), (Outcome::Unknown, Rung::Held));
    let card = seen(many(false, false), &[DataCategory::CREDIT_CARD_NUMBER]);
    assert_eq!(
        judged_codes(&card),
        (Outcome::Unlawful, vec![ReasonCode::CategoryOutsideAgreement, ReasonCode::TooManyRecipients])
    );
}

#[test]
fn what_is_not_kept_apart_is_explained_in_both_languages() {
    let rules = american();
    let many = seen(edge(Counterpart::Other { unregistered: true, remote_access: true }), &[DataCategory::NAME]);
    let verdict = judged(&rules, &many, now());
    let against = |language, heading: &str| -> Vec<String> {
        let sentences = crate::explain(&many, &verdict, language);
        sentences.into_iter().filter(|sentence| sentence.starts_with(heading)).collect()
    };
    assert_eq!(
        against(crate::Language::English, "Against it: "),
        [
            "Against it: pd:Name was sent to recipients that are not kept apart, and nothing says that all are listed \
             sub-processors, by remote access [SUB-LIST L36; Art. 28(2), (4), 44 GDPR; EDPB Guidelines 05/2021].",
            "Against it: there are more recipients than are kept apart, and which of them received what is not known.",
        ]
    );
    assert_eq!(
        against(crate::Language::German, "Dagegen spricht: "),
        [
            "Dagegen spricht: pd:Name ging an Empfänger, die nicht auseinandergehalten werden, und nichts belegt, dass \
             alle benannte Unterauftragsverarbeiter sind, durch Fernzugriff [SUB-LIST L36; Art. 28 Abs. 2, Abs. 4, 44 \
             DSGVO; EDPB Leitlinien 05/2021].",
            "Dagegen spricht: es sind mehr Empfänger, als auseinandergehalten werden; wer davon was erhalten hat, ist \
             nicht bekannt.",
        ]
    );
}

#[test]
fn traffic_without_a_tenant_is_not_covered_by_the_tenants_beside_it() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    engagement(agreement(&mut rules)).activation = Activation::PerTenant { tenants: BTreeSet::from(["a".to_owned()]) };
    let mut edge = to_acme();
    edge.tenants.insert("a".to_owned());
    assert_eq!(outcome(&rules, &edge), Outcome::IntraEea);
    edge.untenanted = true;
    assert_eq!(outcome(&rules, &edge), Outcome::Unknown);
    edge.tenants.insert("b".to_owned());
    let verdict = judged(&rules, &edge, now());
    assert_eq!(codes(&verdict), [ReasonCode::NotActivated, ReasonCode::TenantUnknown]);
}

#[test]
fn a_place_that_is_not_named_is_none_that_the_policy_allows() {
    let mut rules = american();
    rules.bases.push(scc("Acme Inc."));
    agreement(&mut rules).policy.allowed_jurisdictions = Some(places("US"));
    assert_eq!(outcome(&rules, &to_acme()), Outcome::Permitted);
    rules.recipients.get_mut("acme").unwrap().endpoints.get_mut("main").unwrap().access = Some(Places::Anywhere);
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::OutsidePolicy]));
    assert!(verdict.chain[0].anywhere);
}

#[test]
fn a_place_that_evidence_names_is_judged_beside_no_named_place() {
    let mut rules = ruleset(recipient("Acme Ltd", "GB", "GB"));
    rules.bases.push(adequacy("GB"));
    rules.recipients.get_mut("acme").unwrap().endpoints.get_mut("main").unwrap().processing = Places::Anywhere;
    let verdict = judged(&rules, &located(to_acme(), Some("IN")), now());
    assert_eq!((verdict.outcome, verdict.location.jurisdictions), (Outcome::Unlawful, places("IN")));
}

#[test]
fn old_facts_about_a_recipient_count_for_its_whole_chain() {
    let mut acme = recipient("Acme Ireland", "IE", "IE");
    acme.onward = Some(vec![OnwardRecipient {
        entity: entity("Acme Inc.", "US"),
        places: Places::Only(places("US")),
        purpose: "support".into(),
        recipient: None,
    }]);
    acme.as_of = date(2026, 1, 1);
    let mut rules = ruleset(acme);
    rules.bases.push(dpf("Acme Inc."));
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, missing(&verdict)), (Outcome::Conditional, vec![MissingCode::FreshLegalData]));
}

#[test]
fn a_stricter_policy_is_not_the_agreement() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    agreement(&mut rules).policy.minimum_tls = Some(TlsVersion::V1_3);
    let mut edge = to_acme();
    edge.channel.tls_versions.insert(TlsVersion::V1_2);
    let verdict = judged(&rules, &edge, now());
    assert_eq!(codes(&verdict), [ReasonCode::OutsidePolicy]);
    edge.channel.tls_versions.insert(TlsVersion::V1_1);
    assert_eq!(codes(&judged(&rules, &edge, now())), [ReasonCode::MeasureNotMet]);
}

#[test]
fn encrypted_client_hello_is_noted_without_a_promise_about_tls() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    agreement(&mut rules).minimum_tls = None;
    let mut edge = located(to_acme(), Some("DE"));
    edge.channel.ech = true;
    assert_eq!(notes(&judged(&rules, &edge, now())), [NoteCode::EncryptedClientHello]);
}

#[test]
fn only_a_decision_in_force_for_the_whole_country_makes_it_adequate() {
    let with = |change: fn(&mut Basis)| {
        let mut rules = ruleset(recipient("Acme Ltd", "GB", "GB"));
        rules.bases.push(adequacy("GB"));
        let mut swiss = Basis { name: "ch".into(), ..adequacy("CH") };
        change(&mut swiss);
        rules.bases.push(swiss);
        notes(&judged(&rules, &located(to_acme(), Some("CH")), now()))
    };
    assert_eq!(with(|_| {}), [NoteCode::LocationUncorroborated]);
    let conflict = [NoteCode::LocationConflict];
    assert_eq!(with(|swiss| swiss.validity.repealed = Some(now())), conflict);
    assert_eq!(with(|swiss| swiss.countries = Some(places("IN"))), conflict);
    let limited = |swiss: &mut Basis| {
        let regime = Some("a law".to_owned());
        swiss.instrument = Instrument::Adequacy { decision: "test".into(), regime, listed_only: false };
    };
    assert_eq!(with(limited), conflict);
    assert_eq!(with(|swiss| swiss.instrument = clauses(&[3])), conflict);
}

#[test]
fn a_conflict_names_who_says_so_and_nobody_else() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let mut edge = located(located(to_acme(), Some("US")), Some("DE"));
    edge.location[1].cloud.as_mut().unwrap().region = "at-home".into();
    let mut hint = edge.location[0].clone();
    (hint.method, hint.cloud, hint.dataset) = (LocationMethod::CountryDb, None, "country.mmdb".into());
    edge.location.push(hint);
    let verdict = judged(&rules, &edge, now());
    let conflict = verdict.notes.iter().find(|note| note.code == NoteCode::LocationConflict).unwrap();
    assert_eq!(conflict.says.to_string(), "attested is DE, but aws test-1 says US: the worse counts");
}
