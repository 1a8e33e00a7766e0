//! Notice forward and backward, receipt within business hours, the plan of a migration.

use super::*;
use crate::Obligation;

fn audit() -> Rule {
    duty(Obligation::Audit).unwrap().rule
}

#[test]
fn a_visit_waits_for_business_hours() {
    let holidays = Holidays::new(Land::BE);
    let earliest = earliest_after_notice(audit(), day("2026-11-27"), None).unwrap();
    assert_eq!(earliest, day("2026-12-26"));
    assert_eq!(first_business_day(earliest, &holidays).unwrap(), day("2026-12-28"));
    assert_eq!(first_business_day(day("2026-12-28"), &holidays).unwrap(), day("2026-12-28"));
}

/// From every day of two years: the day found is in time, the day after it is not.
#[test]
fn the_latest_receipt_is_the_last_that_is_in_time() {
    let holidays = Holidays::new(Land::SN);
    let saturday_off = Rule { saturday_is_werktag: false, ..rule(12, PeriodUnit::WorkingDays) };
    let rules =
        [audit(), rule(4, PeriodUnit::Weeks), rule(1, PeriodUnit::Months), rule(30, PeriodUnit::Days), saturday_off];
    for rule in rules.into_iter().chain([by_regulation(2, PeriodUnit::Days), by_regulation(1, PeriodUnit::Months)]) {
        let mut before = day("2026-01-01");
        while before < day("2028-01-01") {
            let receipt = latest_receipt(rule, before, Some(&holidays)).unwrap();
            let earliest = |receipt| earliest_after_notice(rule, receipt, Some(&holidays)).unwrap();
            assert!(earliest(receipt) <= before, "{rule:?} before {before}: {receipt}");
            assert!(earliest(receipt.tomorrow().unwrap()) > before, "{rule:?} before {before}: {receipt}");
            before = before.tomorrow().unwrap();
        }
    }
}

#[test]
fn notice_is_not_counted_in_hours() {
    let hours = rule(4, PeriodUnit::Hours);
    assert_eq!(earliest_after_notice(hours, day("2026-11-23"), None), Err(ClockError::NoticeInHours));
    assert_eq!(latest_receipt(hours, day("2026-11-23"), None), Err(ClockError::NoticeInHours));
}

#[test]
fn mail_outside_of_business_hours_is_received_when_business_begins() {
    let hours = BusinessHours::new("09:00".parse().unwrap(), "17:00".parse().unwrap(), false).unwrap();
    let holidays = Holidays::new(Land::BE);
    for (arrival, expected) in [
        ("2026-11-23T08:59+01:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23T09:00+01:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23T16:59+01:00", "2026-11-23T16:59+01:00"),
        ("2026-11-23T17:00+01:00", "2026-11-24T09:00+01:00"),
        ("2026-11-24T23:30Z", "2026-11-25T09:00+01:00"),
        ("2026-11-27T18:00+01:00", "2026-11-30T09:00+01:00"),
        ("2026-11-28T10:00+01:00", "2026-11-30T09:00+01:00"),
        ("2026-12-24T18:00+01:00", "2026-12-28T09:00+01:00"),
        ("2026-12-25T08:00+01:00", "2026-12-28T09:00+01:00"),
        ("2027-03-26T12:00+01:00", "2027-03-30T09:00+02:00"),
    ] {
        assert_eq!(received(at(arrival), &hours, &berlin(), &holidays).unwrap().at, at(expected), "{arrival}");
    }
}

#[test]
fn a_business_may_read_its_mail_on_saturdays() {
    let hours = BusinessHours::new("09:00".parse().unwrap(), "12:00".parse().unwrap(), true).unwrap();
    let holidays = Holidays::new(Land::BE);
    let receipt = received(at("2026-11-28T10:00+01:00"), &hours, &berlin(), &holidays).unwrap();
    assert_eq!(receipt.at, at("2026-11-28T10:00+01:00"));
    let receipt = received(at("2026-11-28T12:00+01:00"), &hours, &berlin(), &holidays).unwrap();
    let steps: Vec<_> = receipt.reasoning.iter().map(|step| format!("{} {}", step.day, step.text)).collect();
    assert_eq!(
        steps,
        [
            "2026-11-28 after business hours: not received on this day",
            "2026-11-29 Sunday: not received on this day",
            "2026-11-30 received when business begins",
        ]
    );
    let (opens, closes) = ("17:00".parse().unwrap(), "17:00".parse().unwrap());
    assert_eq!(BusinessHours::new(opens, closes, false), Err(ClockError::NoBusinessHours { opens, closes }));
}

/// The example of the playbook's schedule: found on 23 November 2026.
#[test]
fn the_plan_counts_backward_from_the_end_of_the_transition() {
    let expected = Plan {
        transition_ends: day("2027-05-23"),
        last_cutover: day("2027-05-09"),
        latest_notice_receipt: day("2027-04-09"),
        objection_ends: day("2027-05-07"),
        cutover_from: day("2027-05-08"),
        decide_by: day("2027-02-26"),
        feasibility: Feasibility::Possible,
    };
    let seen = |today: &str| {
        let finding = Start::EventDay(day("2026-11-23"));
        let holidays = Holidays::new(Land::BE);
        plan(&PlanTerms::default(), finding, day(today), &berlin(), Some(&holidays)).unwrap()
    };
    assert_eq!(seen("2026-11-23"), expected);
    for (today, feasibility) in [
        ("2027-02-26", Feasibility::Possible),
        ("2027-02-27", Feasibility::DecisionOverdue),
        ("2027-04-09", Feasibility::DecisionOverdue),
        ("2027-04-10", Feasibility::Impossible),
    ] {
        assert_eq!(seen(today), Plan { feasibility, ..expected.clone() }, "{today}");
    }
}

#[test]
fn a_plan_without_its_land_or_in_hours_is_an_error() {
    let start = Start::EventDay(day("2026-11-23"));
    let today = day("2026-11-23");
    assert_eq!(plan(&PlanTerms::default(), start, today, &berlin(), None), Err(ClockError::MissingLand));
    let terms = PlanTerms { transition: rule(4, PeriodUnit::Hours), ..PlanTerms::default() };
    let start = Start::Event(at("2026-11-23T10:00Z"));
    assert_eq!(plan(&terms, start, today, &berlin(), None), Err(ClockError::NoticeInHours));
}
