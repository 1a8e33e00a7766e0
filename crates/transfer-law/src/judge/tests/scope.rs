//! The scope of an instrument, and where its end is cited.

use super::*;

/// The outcome and the codes under one basis that `change` narrows.
fn narrowed(change: impl Fn(&mut Basis)) -> (Outcome, Vec<ReasonCode>) {
    let (mut rules, mut basis) = (american(), dpf("Acme Inc."));
    change(&mut basis);
    rules.bases.push(basis);
    let verdict = judged(&rules, &to_acme(), now());
    (verdict.outcome, codes(&verdict))
}

#[test]
fn an_instrument_is_for_its_parties_and_countries() {
    let names = |name: &str| Some(BTreeSet::from([name.to_owned()]));
    let none = (Outcome::Unlawful, vec![ReasonCode::NoBasis]);
    assert_eq!(narrowed(|_| {}), (Outcome::Permitted, vec![]));
    assert_eq!(narrowed(|basis| basis.exporters = names("Processor GmbH")), (Outcome::Permitted, vec![]));
    assert_eq!(narrowed(|basis| basis.exporters = names("Another GmbH")), none);
    assert_eq!(narrowed(|basis| basis.importers = names("Another Inc.")), none);
    assert_eq!(narrowed(|basis| basis.countries = Some(places("IN"))), none);
    // A basis that is found by country is still limited to its exporters.
    let decision = |exporters: Option<&str>| {
        let mut rules = american();
        rules.bases.push(Basis { exporters: exporters.and_then(names), ..adequacy("US") });
        judged(&rules, &to_acme(), now()).outcome
    };
    assert_eq!(decision(None), Outcome::Permitted);
    assert_eq!(decision(Some("Another GmbH")), Outcome::Unlawful);
}

#[test]
fn an_instrument_covers_the_categories_it_names_and_none_it_leaves_out() {
    let [name, email] = [DataCategory::NAME, DataCategory::EMAIL_ADDRESS];
    let outside = (Outcome::Unlawful, vec![ReasonCode::BasisDoesNotFit]);
    let both = BTreeSet::from([name.clone(), email.clone()]);
    assert_eq!(narrowed(|basis| basis.categories = Some(both.clone())), (Outcome::Permitted, vec![]));
    assert_eq!(narrowed(|basis| basis.categories = Some([name.clone()].into())), outside);
    assert_eq!(narrowed(|basis| basis.except_categories = [email.clone()].into()), outside);
    assert_eq!(
        narrowed(|basis| basis.except_categories = [DataCategory::BANK_ACCOUNT].into()),
        (Outcome::Permitted, vec![])
    );
    let mut rules = american();
    rules.bases.push(Basis { categories: Some([name].into()), ..dpf("Acme Inc.") });
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!(verdict.reasons[0].ground.says.to_string(), "dpf does not cover pd:EmailAddress");
}

#[test]
fn every_reason_cites_where_the_agreement_asks_for_a_basis() {
    let mut rules = american();
    agreement(&mut rules).clauses.insert(Obligation::TrfGate, "L12".into());
    let none = judged(&rules, &to_acme(), now());
    assert_eq!(
        (none.reasons[0].ground.clause.map(Citation::as_str), none.reasons[0].code),
        (Some("L12"), ReasonCode::NoBasis)
    );
    rules.bases.push(Basis { instrument: clauses(&[2]), ..scc("Acme Inc.") });
    let unfit = judged(&rules, &to_acme(), now());
    let ground = &unfit.reasons[0].ground;
    assert_eq!(
        (ground.clause.map(Citation::as_str), ground.instrument, ground.obligation),
        (Some("L12"), Some("scc"), Some(Obligation::TrfGate))
    );
}

#[test]
fn of_two_equal_bases_the_first_carries() {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    rules.bases.push(Basis { name: "second".into(), ..dpf("Acme Inc.") });
    assert_eq!(judged(&rules, &to_acme(), now()).bases.to_vec(), ["dpf"]);
    // Nor does a second basis that lacks the same.
    let mut rules = american();
    for name in ["first", "second"] {
        rules.bases.push(Basis { name: name.into(), as_of: date(2026, 1, 1), ..dpf("Acme Inc.") });
    }
    assert_eq!(judged(&rules, &to_acme(), now()).bases.to_vec(), ["first"]);
}

#[test]
fn a_reading_shows_where_it_made_the_difference() {
    let with = |reading, subjects: &[&str], types: &[DpfDataType]| {
        let mut rules = american();
        let agreement = agreement(&mut rules);
        agreement.interpretation.hr_data = reading;
        agreement.data_subjects = subjects.iter().map(|subject| (*subject).to_owned()).collect();
        let instrument = match dpf("").instrument {
            Instrument::DpfListing { decision, active, checked_at, .. } => {
                Instrument::DpfListing { decision, active, checked_at, data_types: types.iter().copied().collect() }
            }
            other => other,
        };
        rules.bases.push(Basis { instrument, ..dpf("Acme Inc.") });
        let verdict = judged(&rules, &to_acme(), now());
        let grounds = verdict.grounds.iter().chain(verdict.missing.iter().map(|missing| &missing.ground));
        let decided =
            grounds.chain(verdict.reasons.iter().map(|reason| &reason.ground)).find_map(|ground| ground.setting);
        (verdict.outcome, decided)
    };
    let (both, staff) = (["dpv:Customer", "dpv:Employee"], ["dpv:Employee"]);
    let (hr, other) = ([DpfDataType::Hr], [DpfDataType::NonHr]);
    let [european, american] = [HrData::European, HrData::UnitedStates].map(Setting::HrData);
    assert_eq!(with(HrData::European, &both, &other), (Outcome::Conditional, Some(european)));
    assert_eq!(with(HrData::UnitedStates, &both, &other), (Outcome::Permitted, Some(american)));
    assert_eq!(with(HrData::European, &both, &[DpfDataType::Hr, DpfDataType::NonHr]), (Outcome::Permitted, None));
    assert_eq!(with(HrData::European, &staff, &hr), (Outcome::Permitted, Some(european)));
    assert_eq!(with(HrData::UnitedStates, &staff, &hr), (Outcome::Unlawful, Some(american)));
    assert_eq!(with(HrData::European, &["dpv:Customer"], &hr), (Outcome::Unlawful, None));
    assert_eq!(with(HrData::European, &both, &hr), (Outcome::Unlawful, None));
}
