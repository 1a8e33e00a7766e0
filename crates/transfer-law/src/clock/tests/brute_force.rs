//! Random periods, compared with a simple implementation that counts day by day and hour by hour.

use jiff::civil::Weekday;

use super::*;

/// A small generator with a fixed seed (Knuth's MMIX constants), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

fn off(day: Date, holidays: &Holidays, saturday_works: bool) -> bool {
    let weekend = match day.weekday() {
        Weekday::Sunday => true,
        Weekday::Saturday => !saturday_works,
        _ => false,
    };
    weekend || holidays.on(day).unwrap().is_some()
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap()
}

/// The last day, unmoved: counts days until enough days, weeks or months have passed.
fn walk(rule: Rule, start: Start, holidays: &Holidays) -> Date {
    let amount = rule.amount.get();
    let (mut day, counts) = match start {
        Start::EventDay(day) => (day, false),
        Start::BeginningOf(day) => (day, true),
        Start::Event(_) => panic!("days only"),
    };
    let origin = day;
    let mut days = 0;
    let mut months = 0;
    if !counts {
        day = next(day);
    }
    // `day` is the first that counts.
    loop {
        let tomorrow = next(day);
        match rule.unit {
            PeriodUnit::Days | PeriodUnit::Weeks => days += 1,
            PeriodUnit::WorkingDays => {
                let saturday = rule.saturday_is_werktag && rule.calendar == Calendar::Bgb;
                days += u16::from(!off(day, holidays, saturday));
            }
            PeriodUnit::Months => {
                // A month is over on the day with the number of the event, and for a counted first
                // day on the eve of that number; in a month without it on its last day.
                let over = if counts {
                    tomorrow.day() == origin.day() || (tomorrow.day() == 1 && origin.day() > day.day())
                } else {
                    day.day() == origin.day() || (tomorrow.day() == 1 && origin.day() > day.day())
                };
                months += u16::from(over);
                if months == amount {
                    return day;
                }
            }
            PeriodUnit::Hours => panic!("days only"),
        }
        let due = match rule.unit {
            PeriodUnit::Weeks => 7 * amount,
            PeriodUnit::Months => u16::MAX,
            _ => amount,
        };
        if days == due {
            return day;
        }
        day = tomorrow;
    }
}

fn roll(rule: Rule, start: Start, mut day: Date, holidays: &Holidays) -> Date {
    while off(day, holidays, false) {
        day = next(day);
    }
    let Start::EventDay(event) = start else { return day };
    let long = !matches!(rule.unit, PeriodUnit::Days | PeriodUnit::WorkingDays) || rule.amount.get() >= 2;
    if rule.calendar == Calendar::Regulation1182 && long {
        let working = |last: Date| {
            let mut day = event;
            let mut working = 0;
            while day < last {
                day = next(day);
                working += u32::from(!off(day, holidays, false));
            }
            working
        };
        while working(day) < 2 {
            day = next(day);
        }
    }
    day
}

#[test]
fn random_periods_end_where_walking_ends() {
    let mut random = Random(1182);
    for case in 0..10_000 {
        let holidays = Holidays::new(random.of(&Land::ALL));
        let calendar = random.of(&[Calendar::Bgb, Calendar::Regulation1182]);
        let unit = random.of(&[PeriodUnit::Days, PeriodUnit::WorkingDays, PeriodUnit::Weeks, PeriodUnit::Months]);
        let bound = if unit == PeriodUnit::Days { 60 } else { 12 };
        let amount = u16::try_from(1 + random.below(bound)).unwrap();
        let rule = Rule {
            calendar,
            saturday_is_werktag: random.below(2) == 0,
            roll: random.below(4) > 0,
            ..rule(amount, unit)
        };
        let day = Date::new(2001, 1, 1).unwrap();
        let day = day.checked_add(jiff::Span::new().days(i64::try_from(random.below(48 * 365)).unwrap())).unwrap();
        let counts = calendar == Calendar::Bgb && random.below(2) == 0;
        let start = if counts { Start::BeginningOf(day) } else { Start::EventDay(day) };

        let due = compute(rule, start, &berlin(), Some(&holidays)).unwrap();
        let strict = walk(rule, start, &holidays);
        let legal = if rule.roll { roll(rule, start, strict, &holidays) } else { strict };
        assert_eq!(
            (due.conservative.last_day, due.legal.last_day),
            (Some(strict), Some(legal)),
            "case {case}: {rule:?} {start:?} {holidays:?}"
        );
        assert_eq!(due.legal.exclusive, berlin().to_timestamp(next(legal).at(0, 0, 0, 0)).unwrap());
    }
}

/// Every quarter of an hour around both clock changes: periods in hours are elapsed time.
#[test]
fn hours_are_walked_over_clock_changes() {
    for (from, until) in [("2026-10-24T12:00Z", "2026-10-25T12:00Z"), ("2027-03-27T12:00Z", "2027-03-28T12:00Z")] {
        let mut event = at(from);
        while event < at(until) {
            for amount in [1, 4, 12, 72] {
                let mut walked = event;
                for _ in 0..amount {
                    walked += jiff::SignedDuration::from_mins(60);
                }
                let due = compute(rule(amount, PeriodUnit::Hours), Start::Event(event), &berlin(), None).unwrap();
                assert_eq!((due.conservative.exclusive, due.legal.exclusive), (walked, walked));

                let due =
                    compute(by_regulation(amount, PeriodUnit::Hours), Start::Event(event), &berlin(), None).unwrap();
                let mut legal = event + jiff::SignedDuration::from_mins(1);
                while berlin().to_datetime(legal).minute() != 0 {
                    legal += jiff::SignedDuration::from_mins(1);
                }
                legal += jiff::SignedDuration::from_hours(i64::from(amount));
                assert_eq!((due.conservative.exclusive, due.legal.exclusive), (walked, legal));
            }
            event += jiff::SignedDuration::from_mins(15);
        }
    }
}
