//! What the vectors do not cover: counted first days, Art. 3(5), errors, reasoning.

use super::*;
use crate::Obligation;

fn last_days(rule: Rule, start: Start, land: Land) -> [String; 2] {
    let due = compute(rule, start, &berlin(), Some(&Holidays::new(land))).unwrap();
    [due.conservative, due.legal].map(|end| end.last_day.unwrap().to_string())
}

fn error(rule: Rule, start: Start, holidays: Option<&Holidays>) -> ClockError {
    compute(rule, start, &berlin(), holidays).unwrap_err()
}

/// § 187(2), § 188(2) and (3) BGB.
#[test]
fn a_counted_first_day_ends_the_period_the_day_before_its_number() {
    for (first, amount, unit, expected) in [
        ("2026-12-01", 6, PeriodUnit::Months, "2027-05-31"),
        ("2026-12-02", 6, PeriodUnit::Months, "2027-06-01"),
        ("2026-09-01", 6, PeriodUnit::Months, "2027-02-28"),
        ("2026-08-29", 6, PeriodUnit::Months, "2027-02-28"),
        ("2026-08-30", 6, PeriodUnit::Months, "2027-02-28"),
        ("2026-08-31", 6, PeriodUnit::Months, "2027-02-28"),
        ("2027-01-31", 1, PeriodUnit::Months, "2027-02-28"),
        ("2027-03-31", 1, PeriodUnit::Months, "2027-04-30"),
        ("2028-02-01", 1, PeriodUnit::Months, "2028-02-29"),
        ("2027-01-01", 12, PeriodUnit::Months, "2027-12-31"),
        ("2026-11-23", 1, PeriodUnit::Weeks, "2026-11-29"),
        ("2026-11-23", 1, PeriodUnit::Days, "2026-11-23"),
        ("2026-11-23", 30, PeriodUnit::Days, "2026-12-22"),
        ("2026-11-23", 5, PeriodUnit::WorkingDays, "2026-11-27"),
        // A Sunday that would count as first day is no Werktag.
        ("2026-11-22", 1, PeriodUnit::WorkingDays, "2026-11-23"),
    ] {
        let rule = Rule { roll: false, ..rule(amount, unit) };
        let [strict, legal] = last_days(rule, Start::BeginningOf(day(first)), Land::BE);
        assert_eq!((strict.as_str(), legal.as_str()), (expected, expected), "{amount} {unit:?} from {first}");
    }
}

/// Art. 3(5) of the Regulation: the second working day, however short the period.
#[test]
fn two_days_or_more_hold_two_working_days_by_the_regulation() {
    for (event, amount, unit, strict, legal) in [
        ("2026-11-26", 2, PeriodUnit::Days, "2026-11-28", "2026-11-30"),
        ("2026-11-27", 2, PeriodUnit::Days, "2026-11-29", "2026-12-01"),
        ("2026-11-28", 2, PeriodUnit::Days, "2026-11-30", "2026-12-01"),
        ("2026-11-27", 1, PeriodUnit::Days, "2026-11-28", "2026-11-30"),
        ("2026-12-24", 3, PeriodUnit::Days, "2026-12-27", "2026-12-29"),
        ("2026-11-23", 2, PeriodUnit::Days, "2026-11-25", "2026-11-25"),
        ("2026-11-27", 2, PeriodUnit::WorkingDays, "2026-12-01", "2026-12-01"),
    ] {
        let found = last_days(by_regulation(amount, unit), Start::EventDay(day(event)), Land::BE);
        assert_eq!(found, [strict, legal], "{amount} {unit:?} after {event}");
    }
}

#[test]
fn a_saturday_is_no_working_day_of_the_regulation_whatever_the_contract_says() {
    let rule = by_regulation(5, PeriodUnit::WorkingDays);
    assert_eq!(last_days(rule, Start::EventDay(day("2026-11-23")), Land::BE), ["2026-11-30"; 2]);
}

#[test]
fn the_hour_of_the_event_does_not_count_by_the_regulation_even_on_its_stroke() {
    for (event, expected) in [
        ("2026-11-23T10:00:00+01:00", "2026-11-26T11:00:00+01:00"),
        ("2026-11-23T10:00:00.000000001+01:00", "2026-11-26T11:00:00+01:00"),
        ("2026-11-23T10:59:59.999999999+01:00", "2026-11-26T11:00:00+01:00"),
        ("2026-10-25T02:30+02:00", "2026-10-28T02:00:00+01:00"),
    ] {
        let due = compute(by_regulation(72, PeriodUnit::Hours), Start::Event(at(event)), &berlin(), None).unwrap();
        assert_eq!(due.legal, End { last_day: None, exclusive: at(expected) }, "{event}");
        assert_eq!(due.conservative.exclusive, at(event) + jiff::SignedDuration::from_hours(72));
    }
}

#[test]
fn a_day_ends_when_the_next_begins_in_the_zone() {
    let start = Start::EventDay(day("2026-03-28"));
    let rule = Rule { roll: false, ..rule(1, PeriodUnit::Days) };
    let end = |name: &str| compute(rule, start, &zone(name).unwrap(), None).unwrap().legal.exclusive;
    assert_eq!(end("Europe/Berlin"), at("2026-03-29T22:00Z"), "the day has 23 hours");
    assert_eq!(end("Pacific/Auckland"), at("2026-03-29T11:00Z"));
    // Midnight of 29 March 2026 does not exist in Beirut; the previous day still has an end.
    let start = Start::EventDay(day("2026-03-27"));
    let due = compute(rule, start, &zone("Asia/Beirut").unwrap(), None).unwrap();
    assert_eq!(due.legal, End { last_day: Some(day("2026-03-28")), exclusive: at("2026-03-28T22:00Z") });
}

#[test]
fn a_period_that_does_not_move_ends_the_same_in_both_readings() {
    let rule = Rule { roll: false, ..rule(1, PeriodUnit::Months) };
    let due = compute(rule, Start::EventDay(day("2027-01-31")), &berlin(), None).unwrap();
    assert_eq!((due.conservative, due.legal.last_day), (due.legal, Some(day("2027-02-28"))));
}

#[test]
fn the_land_is_asked_for_where_it_matters_only() {
    let start = Start::EventDay(day("2026-11-23"));
    for rule in [rule(30, PeriodUnit::Days), rule(5, PeriodUnit::WorkingDays), by_regulation(1, PeriodUnit::Months)] {
        assert_eq!(error(rule, start, None), ClockError::MissingLand);
    }
    for calendar in [Calendar::Bgb, Calendar::Regulation1182] {
        let rule = Rule { roll: false, calendar, ..rule(5, PeriodUnit::WorkingDays) };
        assert_eq!(error(rule, start, None), ClockError::MissingLand);
    }
    assert!(compute(Rule { roll: false, ..rule(4, PeriodUnit::Weeks) }, start, &berlin(), None).is_ok());
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let berlin_holidays = Holidays::new(Land::BE);
    let monday = day("2026-11-23");
    let hours = rule(4, PeriodUnit::Hours);
    assert_eq!(error(hours, Start::EventDay(monday), None), ClockError::NeedsInstant { day: monday });
    for unit in [PeriodUnit::Hours, PeriodUnit::Days, PeriodUnit::Weeks, PeriodUnit::Months, PeriodUnit::WorkingDays] {
        let found = error(by_regulation(2, unit), Start::BeginningOf(monday), Some(&berlin_holidays));
        assert_eq!(found, ClockError::CountedFirstDay { day: monday });
    }
    let far = rule(u16::MAX, PeriodUnit::Months);
    assert_eq!(error(far, Start::EventDay(day("6000-01-01")), Some(&berlin_holidays)), ClockError::OutOfRange);
    let end_of_time = Rule { roll: false, ..rule(1, PeriodUnit::Days) };
    assert_eq!(error(end_of_time, Start::EventDay(day("9999-12-30")), None), ClockError::OutOfRange);
    assert_eq!(error(hours, Start::Event(Timestamp::MAX), None), ClockError::OutOfRange);
    assert_eq!(
        error(rule(1, PeriodUnit::Days), Start::EventDay(day("2050-12-31")), Some(&berlin_holidays)),
        ClockError::HolidaysUnknown { day: day("2051-01-01") }
    );
    assert_eq!(zone("Mars/Olympus").unwrap_err(), ClockError::UnknownZone { name: "Mars/Olympus".to_owned() });
}

#[test]
fn four_hours_from_the_beginning_of_a_day_are_elapsed_hours() {
    let due = compute(rule(4, PeriodUnit::Hours), Start::BeginningOf(day("2026-10-25")), &berlin(), None).unwrap();
    assert_eq!(due.legal.exclusive, at("2026-10-25T03:00+01:00"));
}

#[test]
fn the_reasoning_goes_day_by_day() {
    let holidays = Holidays::new(Land::BY);
    let start = Start::Event(at("2026-12-30T12:00+01:00"));
    let due = compute(rule(3, PeriodUnit::WorkingDays), start, &berlin(), Some(&holidays)).unwrap();
    let reasoning = |due: &Due| {
        let line = |step: &Step| {
            let count = step.count.map_or(String::new(), |count| format!("#{count} "));
            format!("{} {count}{} ({})", step.day, step.text, step.law)
        };
        due.reasoning.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        reasoning(&due),
        [
            "2026-12-30 day of the event: does not count (§ 187(1) BGB)",
            "2026-12-31 #1 counts (Werktage; § 188(1) BGB)",
            "2027-01-01 Neujahr: does not count (Werktage; § 188(1) BGB)",
            "2027-01-02 #2 counts (Werktage; § 188(1) BGB)",
            "2027-01-03 Sunday: does not count (Werktage; § 188(1) BGB)",
            "2027-01-04 #3 counts (Werktage; § 188(1) BGB)",
            "2027-01-04 last day (§ 188 BGB)",
        ]
    );
    let start = Start::EventDay(day("2026-08-31"));
    let due = compute(by_regulation(6, PeriodUnit::Months), start, &berlin(), Some(&holidays)).unwrap();
    assert_eq!(
        reasoning(&due),
        [
            "2026-08-31 day of the event: does not count (Art. 3(1) Reg. 1182/71)",
            "2027-02-28 #6 the month lacks the day: its last day (Art. 3(2)(c) Reg. 1182/71)",
            "2027-02-28 Sunday: the end moves to the next working day (Art. 3(4) Reg. 1182/71)",
            "2027-03-01 last day (Art. 3(2) Reg. 1182/71)",
        ]
    );
    let start = Start::Event(at("2026-12-25T10:20:30+01:00"));
    let due = compute(by_regulation(72, PeriodUnit::Hours), start, &berlin(), None).unwrap();
    assert_eq!(
        reasoning(&due),
        [
            "2026-12-25 the event, at 10:20:30+01:00 (Art. 3(1) Reg. 1182/71)",
            "2026-12-28 #72 elapsed time ends at 10:20:30+01:00 (hours run and never move)",
            "2026-12-25 the hour of the event does not count: the first starts at 11:00+01:00 (Art. 3(1) Reg. 1182/71)",
            "2026-12-28 #72 the last hour ends at 11:00+01:00 (Art. 3(2)(a) Reg. 1182/71)",
        ]
    );
}

#[test]
fn the_duties_have_the_periods_of_the_agreement() {
    let periods: Vec<String> = DUTIES
        .iter()
        .map(|duty| {
            let Rule { amount, unit, calendar, saturday_is_werktag, roll } = duty.rule;
            assert!(saturday_is_werktag, "{}", duty.id);
            format!("{} {amount} {unit:?} {calendar:?}{}", duty.id, if roll { " moves" } else { "" })
        })
        .collect();
    assert_eq!(
        periods,
        [
            "SCH-INF 5 WorkingDays Bgb moves",
            "SCH-ASS 30 Days Bgb moves",
            "SCH-TRANS 6 Months Bgb",
            "SUB-OBJ 4 Weeks Bgb moves",
            "SUB-TERM 1 Months Bgb",
            "AUDIT 4 Weeks Bgb",
            "BR-FIRST 4 Hours Bgb",
            "BR-FULL 12 Hours Bgb",
            "BR-AUTH 72 Hours Regulation1182",
        ]
    );
    assert_eq!((duty(Obligation::SubObj), duty(Obligation::Term)), (Some(&DUTIES[3]), None));
}

#[test]
fn the_reasoning_names_the_rule_that_found_the_last_day() {
    let result = |start: Start, amount, unit| {
        let rule = Rule { roll: false, ..rule(amount, unit) };
        let due = compute(rule, start, &berlin(), None).unwrap();
        let last = due.reasoning.iter().find(|step| step.count == Some(amount)).unwrap();
        format!("{}: {} ({})", last.day, last.text, last.law)
    };
    let (event, beginning) = (|text| Start::EventDay(day(text)), |text| Start::BeginningOf(day(text)));
    for (start, amount, unit, expected) in [
        (event("2026-11-23"), 1, PeriodUnit::Weeks, "2026-11-30: the weekday of the event (§ 188(2) BGB)"),
        (
            beginning("2026-11-23"),
            1,
            PeriodUnit::Weeks,
            "2026-11-29: the day before the weekday on which it started (§ 188(2) BGB)",
        ),
        (event("2026-11-23"), 1, PeriodUnit::Months, "2026-12-23: the number of the day of the event (§ 188(2) BGB)"),
        (
            beginning("2026-11-23"),
            1,
            PeriodUnit::Months,
            "2026-12-22: the day before the number of the first day (§ 188(2) BGB)",
        ),
        (
            beginning("2026-12-01"),
            2,
            PeriodUnit::Months,
            "2027-01-31: the day before the number of the first day (§ 188(2) BGB)",
        ),
        (
            beginning("2026-12-01"),
            3,
            PeriodUnit::Months,
            "2027-02-28: the day before the number of the first day (§ 188(2) BGB)",
        ),
        (
            event("2026-08-31"),
            6,
            PeriodUnit::Months,
            "2027-02-28: the month lacks the day: its last day (§ 188(3) BGB)",
        ),
        (
            beginning("2026-08-31"),
            6,
            PeriodUnit::Months,
            "2027-02-28: the month lacks the day: its last day (§ 188(3) BGB)",
        ),
    ] {
        assert_eq!(result(start, amount, unit), expected);
    }
}

/// From another formula (Lichtenberg's form of that of Gauss).
#[test]
fn easter_is_on_its_day_in_every_year() {
    let sundays = "04-23 04-15 03-31 04-20 04-11 03-27 04-16 04-08 03-23 04-12 04-04 04-24 04-08 03-31 04-20 \
         04-05 03-27 04-16 04-01 04-21 04-12 04-04 04-17 04-09 03-31 04-20 04-05 03-28 04-16 04-01 \
         04-21 04-13 03-28 04-17 04-09 03-25 04-13 04-05 04-25 04-10 04-01 04-21 04-06 03-29 04-17 \
         04-09 03-25 04-14 04-05 04-18 04-10";
    for (year, expected) in (2000_i16..=2050).zip(sundays.split_whitespace()) {
        let sunday = day(&format!("{year}-{expected}"));
        let holidays = Holidays::new(Land::BB);
        assert_eq!(holidays.on(sunday).unwrap(), Some("Ostersonntag"), "{sunday}");
        assert_eq!(holidays.on(sunday.tomorrow().unwrap()).unwrap(), Some("Ostermontag"), "{sunday}");
    }
}
