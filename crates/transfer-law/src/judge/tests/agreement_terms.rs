//! What the agreement and the policies allow: Annexes 1 to 3.

use super::*;

#[test]
fn a_sub_processor_must_be_listed_switched_on_and_past_its_objection_period() {
    let with = |change: fn(&mut Agreement), tenants: &[&str]| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        change(agreement(&mut rules));
        let mut edge = to_acme();
        edge.tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
        let verdict = judged(&rules, &edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let unlawful = |code| (Outcome::Unlawful, vec![code]);
    let fine = (Outcome::IntraEea, vec![]);
    assert_eq!(with(|avv| avv.engagements.clear(), &[]), unlawful(ReasonCode::UnregisteredRecipient));
    assert_eq!(
        with(|avv| engagement(avv).activation = Activation::Optional { active: false }, &[]),
        unlawful(ReasonCode::NotActivated)
    );
    assert_eq!(with(|avv| engagement(avv).activation = Activation::Optional { active: true }, &[]), fine);
    let per_tenant: fn(&mut Agreement) =
        |avv| engagement(avv).activation = Activation::PerTenant { tenants: BTreeSet::from(["a".to_owned()]) };
    assert_eq!(with(per_tenant, &["a"]), fine);
    assert_eq!(with(per_tenant, &["a", "b"]), unlawful(ReasonCode::NotActivated));
    assert_eq!(with(per_tenant, &[]), (Outcome::Unknown, vec![ReasonCode::TenantUnknown]));
    assert_eq!(
        with(|avv| engagement(avv).effective_from = Some(at("2026-12-22T00:00:00+01:00")), &[]),
        unlawful(ReasonCode::ObjectionPeriodRunning)
    );
    assert_eq!(with(|avv| engagement(avv).effective_from = Some(now()), &[]), fine);
}

#[test]
fn a_category_outside_annex_1_is_unlawful_when_seen_and_noted_when_held() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let card = [DataCategory::CREDIT_CARD_NUMBER];
    let verdict = judged(&rules, &seen(to_acme(), &card), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::CategoryOutsideAgreement]));
    let mut edge = to_acme();
    edge.categories.held.extend(card);
    let verdict = judged(&rules, &edge, now());
    assert_eq!(verdict.outcome, Outcome::IntraEea);
    assert!(notes(&verdict).contains(&NoteCode::HeldOutsideAgreement));
    // Declared on the workload, or given to the recipient as the register says.
    let mut declared = to_acme();
    declared.categories.declared.extend([DataCategory::CREDIT_CARD_NUMBER]);
    assert!(notes(&judged(&rules, &declared, now())).contains(&NoteCode::HeldOutsideAgreement));
    let mut assumed = rules.clone();
    assumed.recipients.get_mut("acme").unwrap().categories.insert(DataCategory::BANK_ACCOUNT);
    assert!(notes(&judged(&assumed, &to_acme(), now())).contains(&NoteCode::HeldOutsideAgreement));
}

#[test]
fn measures_of_annex_2_are_checked_on_the_wire() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let with = |versions: &[TlsVersion]| {
        let mut edge = to_acme();
        edge.channel.tls_versions.extend(versions);
        let verdict = judged(&rules, &edge, now());
        (verdict.outcome, codes(&verdict))
    };
    assert_eq!(with(&[TlsVersion::V1_2, TlsVersion::V1_3]), (Outcome::IntraEea, vec![]));
    assert_eq!(with(&[TlsVersion::V1_1, TlsVersion::V1_3]), (Outcome::Unlawful, vec![ReasonCode::MeasureNotMet]));
    let mut clear = seen(to_acme(), &[DataCategory::EMAIL_ADDRESS]);
    clear.channel.plaintext = true;
    assert_eq!(codes(&judged(&rules, &clear, now())), [ReasonCode::MeasureNotMet]);
    clear.categories.seen.clear();
    assert_eq!(outcome(&rules, &clear), Outcome::IntraEea);
}

#[test]
fn what_went_in_the_clear_unread_breaks_the_promise_of_encryption_whatever_was_found() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let mut unread = to_acme();
    unread.channel.plaintext_not_read = true;
    let verdict = judged(&rules, &unread, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::MeasureNotMet]));
    assert!(notes(&verdict).contains(&NoteCode::PlaintextNotRead));
    assert_eq!(
        verdict.reasons[0].ground.says.to_string(),
        "data was sent in the clear by a protocol that is not read; Annex 2 promises at least TLS 1.2"
    );
    agreement(&mut rules).minimum_tls = None;
    let verdict = judged(&rules, &unread, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::IntraEea, vec![]));
    assert!(notes(&verdict).contains(&NoteCode::PlaintextNotRead), "said all the same");
}

#[test]
fn the_policy_can_allow_less_than_the_law() {
    let with = |change: fn(&mut Policy), edge: &Edge| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE FR"));
        change(&mut agreement(&mut rules).policy);
        let verdict = judged(&rules, edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let outside = (Outcome::Unlawful, vec![ReasonCode::OutsidePolicy]);
    assert_eq!(with(|policy| policy.allowed_jurisdictions = Some(places("DE")), &to_acme()), outside);
    let named = seen(to_acme(), &[DataCategory::NAME]);
    assert_eq!(with(|policy| policy.allowed_categories = Some(BTreeSet::new()), &named), outside);
    assert_eq!(
        with(|policy| policy.opaque = OpaqueHandling::Unknown, &to_acme()),
        (Outcome::Unknown, vec![ReasonCode::Opaque])
    );
    // If part of the traffic was not read, that part counts.
    assert_eq!(with(|policy| policy.opaque = OpaqueHandling::Unknown, &named).0, Outcome::Unknown);
    let mut read = named.clone();
    read.channel.opaque = false;
    assert_eq!(with(|policy| policy.opaque = OpaqueHandling::Unknown, &read).0, Outcome::IntraEea);
}
