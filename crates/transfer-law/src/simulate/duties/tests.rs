use jiff::civil::date;

use super::*;
use crate::{BasisEffect, Decision, Interpretation, Obligation, fixture::*};

/// The framework falls on 23 November 2026 at noon, Berlin time.
fn fallen() -> Development {
    let at = at("2026-11-23T11:00:00Z");
    hitting_the_framework(BasisEffect::Annulled { at, maintained_until: None })
}

fn duties(change: impl Fn(&mut Agreement, &mut Development), must_move: bool) -> Vec<DatedDuty> {
    let (mut rules, mut development) = (american(), fallen());
    let agreement = agreement(&mut rules);
    change(agreement, &mut development);
    for_agreement(agreement, &development, must_move, now())
}

/// The last day of the duty, in the strict and in the legal reading.
fn last_days(duties: &[DatedDuty], id: &str) -> Vec<(Date, Date)> {
    let found = duties.iter().filter(|duty| duty.id.to_string() == id);
    let days = found.filter_map(|duty| match &duty.date {
        DutyDate::Period { conservative, legal, .. } => Some((conservative.last_day?, legal.last_day?)),
        DutyDate::Day(day) => Some((*day, *day)),
        DutyDate::From(_) | DutyDate::Error(_) => None,
    });
    days.collect()
}

fn on(duties: &[DatedDuty], id: &str) -> (Date, Date) {
    last_days(duties, id)[0]
}

fn finding(instant: &str) -> Decision {
    Decision {
        fundamental: true,
        reasons: "test".into(),
        decided_by: "test".into(),
        decided_at: at(instant),
        not_lawful_since: Some(at(instant)),
    }
}

#[test]
fn to_inform_and_to_assess_run_from_the_pronouncement() {
    let due = duties(|_, _| {}, false);
    assert_eq!(on(&due, "SCH-INF"), (date(2026, 11, 28), date(2026, 11, 30)));
    assert_eq!(on(&due, "SCH-ASS"), (date(2026, 12, 23), date(2026, 12, 23)));
    // Nothing must move: no transition, no termination, no plan.
    assert_eq!(due.len(), 2);
}

#[test]
fn the_setting_says_what_starts_them() {
    let start = |reading| {
        let due = duties(
            |agreement, development| {
                agreement.interpretation.schrems_start = reading;
                development.published = Some(at("2026-12-07T08:00:00Z"));
                development.known = Some(at("2026-11-16T08:00:00Z"));
            },
            false,
        );
        assert_eq!(due[0].settings, [Setting::SchremsStart(reading)]);
        on(&due, "SCH-ASS").0
    };
    assert_eq!(start(SchremsStart::EarlierOfPronouncementAndKnowledge), date(2026, 12, 16));
    assert_eq!(start(SchremsStart::Pronouncement), date(2026, 12, 23));
    assert_eq!(start(SchremsStart::Publication), date(2027, 1, 6));
    assert_eq!(start(SchremsStart::Knowledge), date(2026, 12, 16));
    let late = duties(|_, development| development.known = Some(at("2026-12-01T08:00:00Z")), false);
    assert_eq!(on(&late, "SCH-ASS").0, date(2026, 12, 23));
}

#[test]
fn a_development_elsewhere_goes_beyond_the_text() {
    let elsewhere = |inform| {
        duties(
            |agreement, development| {
                development.countries = places("GB");
                agreement.interpretation.inform_on_any_country = inform;
            },
            false,
        )
    };
    let informed = elsewhere(true);
    assert!(
        informed.iter().all(|duty| duty.note.is_some() && duty.settings.contains(&Setting::InformOnAnyCountry(true)))
    );
    assert_eq!(informed.len(), 2);
    assert!(elsewhere(false).is_empty());
}

#[test]
fn the_six_months_run_from_the_finding_at_the_latest_from_the_end_of_the_assessment() {
    // The example of the plan: found on the day itself, the end is a Sunday.
    let due = duties(|_, development| development.decision = Some(finding("2026-11-23T12:00:00Z")), true);
    let transitions = last_days(&due, "SCH-TRANS");
    assert!(transitions.contains(&(date(2027, 5, 23), date(2027, 5, 23))), "{transitions:?}");
    assert_eq!(on(&due, "latest-cutover").0, date(2027, 5, 9));
    assert_eq!(on(&due, "latest-notice-receipt").0, date(2027, 4, 9));
    assert_eq!(on(&due, "earliest-cutover").0, date(2027, 5, 8));
    assert_eq!(on(&due, "decide-by").0, date(2027, 2, 26));

    // Without a finding, and with one after the assessment was due.
    for decision in [None, Some(finding("2027-02-01T12:00:00Z"))] {
        let due = duties(|_, development| development.decision.clone_from(&decision), true);
        let transitions = last_days(&due, "SCH-TRANS");
        assert_eq!(transitions, [(date(2027, 5, 23), date(2027, 5, 23)), (date(2027, 6, 23), date(2027, 6, 23))]);
    }
    let cautious = duties(
        |agreement, development| {
            agreement.interpretation.transition_start = TransitionStart::Pronouncement;
            development.decision = Some(finding("2026-12-20T12:00:00Z"));
        },
        true,
    );
    assert_eq!(last_days(&cautious, "SCH-TRANS"), [(date(2027, 5, 23), date(2027, 5, 23))]);
}

#[test]
fn an_act_that_ends_with_a_day_starts_a_period_that_counts_the_next() {
    let lapse = at("2031-12-27T23:00:00Z");
    let mut rules = american();
    let development = hitting_the_framework(BasisEffect::Lapsed(lapse));
    let agreement = agreement(&mut rules);
    agreement.interpretation.transition_start = TransitionStart::Pronouncement;
    let due = for_agreement(agreement, &development, true, now());
    assert_eq!(last_days(&due, "SCH-TRANS"), [(date(2032, 6, 27), date(2032, 6, 27))]);
}

#[test]
fn a_notice_arrives_within_business_hours_or_at_any_hour() {
    // The last day on which receipt is in time, here a Saturday.
    let receipt = |reading| {
        let due = duties(
            |agreement, development| {
                agreement.interpretation = Interpretation { receipt: reading, ..Interpretation::default() };
                development.decision = Some(finding("2026-11-26T12:00:00Z"));
            },
            true,
        );
        on(&due, "latest-notice-receipt").0
    };
    let any = receipt(ReceiptReading::AnyHour);
    let business = receipt(ReceiptReading::BusinessHours);
    assert!(business <= any);
    assert!(business.weekday().to_monday_one_offset() < 6, "{business}");
}

#[test]
fn breaches_run_from_the_alert_or_from_a_person() {
    let date_of = |reading| {
        let due = duties(|agreement, _| agreement.interpretation.breach_awareness = reading, true);
        due.into_iter().find(|duty| duty.id.to_string() == "BR-FIRST").unwrap().date
    };
    let DutyDate::Period { legal, .. } = date_of(BreachAwareness::Alert) else { panic!("expected a period") };
    assert_eq!(legal.exclusive, at("2026-11-23T15:00:00Z"));
    assert!(matches!(date_of(BreachAwareness::Triage), DutyDate::Error(_)));
}

#[test]
fn what_is_decided_not_to_be_fundamental_is_no_trigger() {
    let decided = Some(Decision { fundamental: false, ..finding("2026-11-24T12:00:00Z") });
    assert!(duties(|_, development| development.decision.clone_from(&decided), false).is_empty());
}

#[test]
fn a_missing_land_or_zone_is_named() {
    let without_land = duties(|agreement, _| agreement.land = None, true);
    let inform = without_land.iter().find(|duty| duty.id.to_string() == "SCH-INF").unwrap();
    assert!(matches!(&inform.date, DutyDate::Error(text) if text.contains("Land")), "{inform:?}");
    let without_zone = duties(|agreement, _| agreement.zone = "Europe/Nowhere".into(), true);
    assert!(matches!(&without_zone[..], [DatedDuty { date: DutyDate::Error(_), .. }]));
    let elsewhere = duties(|agreement, _| agreement.land = Some("AT-9".into()), true);
    assert!(matches!(&elsewhere[..], [DatedDuty { date: DutyDate::Error(_), .. }]));
}

#[test]
fn a_plan_whose_last_notice_has_passed_is_impossible() {
    let rules = american();
    let development = Development { decision: Some(finding("2026-11-23T12:00:00Z")), ..fallen() };
    let notes = |now: &str| {
        let due = for_agreement(agreement(&mut rules.clone()), &development, true, at(now));
        due.into_iter()
            .filter_map(|duty| duty.note)
            .filter(|note| note.contains("plan") || note.contains("lead"))
            .count()
    };
    assert_eq!(notes("2027-02-26T12:00:00Z"), 0);
    assert_eq!(notes("2027-03-15T12:00:00Z"), 1);
    assert_eq!(notes("2027-04-12T12:00:00Z"), 2);
}

#[test]
fn an_assessment_that_has_no_end_is_not_taken_to_end_with_the_information() {
    let due = duties(
        |agreement, _| {
            // Hours have no last day.
            let hours = clock::duty(Obligation::BrFirst).unwrap().rule;
            agreement
                .periods
                .insert(Obligation::SchAss, clock::Rule { calendar: clock::Calendar::Regulation1182, ..hours });
        },
        true,
    );
    // Then the cautious reading applies, from the pronouncement and not from the end of SCH-INF.
    assert_eq!(last_days(&due, "SCH-TRANS"), [(date(2027, 5, 23), date(2027, 5, 23))]);
    // The assessment would end in a year whose holidays are not known.
    let fallen = at("2050-12-23T11:00:00Z");
    let mut rules = american();
    let late = hitting_the_framework(BasisEffect::Annulled { at: fallen, maintained_until: None });
    let due = for_agreement(agreement(&mut rules), &late, true, now());
    let inform = due.iter().find(|duty| duty.id.to_string() == "SCH-INF").unwrap();
    let assess = due.iter().find(|duty| duty.id.to_string() == "SCH-ASS").unwrap();
    assert!(matches!(inform.date, DutyDate::Period { .. }) && matches!(assess.date, DutyDate::Error(_)), "{due:?}");
    assert_eq!(last_days(&due, "SCH-TRANS"), [(date(2051, 6, 23), date(2051, 6, 23))]);
}
