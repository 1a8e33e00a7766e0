//! Files of computed periods to check against: `landfall clock check`.

use std::{collections::BTreeMap, num::NonZeroU16};

use crate::Obligation;

use jiff::{Timestamp, civil::Date, fmt::temporal::DateTimeParser, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Calendar, ClockError, Holidays, Land, PeriodUnit, Rule, Start, compute, duties, earliest_after_notice,
    latest_receipt,
};

/// The contents of a vector file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vectors {
    #[serde(default)]
    day_periods: Vec<DayPeriod>,
    #[serde(default)]
    hour_periods: Vec<HourPeriod>,
    #[serde(default)]
    notice: Vec<Notice>,
}

/// One vector, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its id in the file.
    pub id: String,
    /// What the file says, by field.
    pub expected: BTreeMap<&'static str, String>,
    /// What was computed, or why it could not be.
    pub got: BTreeMap<&'static str, String>,
    /// Whether both are the same.
    pub ok: bool,
}

/// A period in days, Werktage, weeks or months by the BGB.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DayPeriod {
    id: String,
    event: Timestamp,
    n: NonZeroU16,
    unit: DayUnit,
    land: Land,
    saturday_is_werktag: bool,
    last_day_no_roll: Date,
    last_day_bgb193: Date,
    end_exclusive_utc_no_roll: Timestamp,
    end_exclusive_utc_bgb193: Timestamp,
    #[serde(default, rename = "why")]
    _why: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum DayUnit {
    Werktag,
    Tag,
    Woche,
    Monat,
}

/// A period in hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HourPeriod {
    id: String,
    event: Timestamp,
    hours: NonZeroU16,
    rule: HourRule,
    /// With the offset of the zone.
    due: String,
    due_utc: Timestamp,
    #[serde(default, rename = "why")]
    _why: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum HourRule {
    #[serde(rename = "elapsed")]
    Elapsed,
    #[serde(rename = "1182")]
    Regulation1182,
}

/// A period between days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    id: String,
    kind: NoticeKind,
    input: Date,
    expected: Date,
    #[serde(default, rename = "why")]
    _why: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum NoticeKind {
    /// The first day of an inspection, by the day on which its notice is received.
    #[serde(rename = "audit-earliest")]
    AuditEarliest,
    /// The last day of receipt, by the day of the inspection.
    #[serde(rename = "audit-latest-notice")]
    AuditLatestNotice,
    /// Six months that start with the beginning of the day.
    #[serde(rename = "s187-2-6M")]
    SixMonthsFromBeginning,
    /// One month by Regulation 1182/71 in Berlin.
    #[serde(rename = "1182-1month-BE")]
    MonthOf1182InBerlin,
}

impl Vectors {
    /// Checks each vector, in the order of the file; days are those of `zone`.
    pub fn check(&self, zone: &TimeZone) -> Vec<Checked> {
        let Self { day_periods, hour_periods, notice } = self;
        let days = day_periods.iter().map(|vector| vector.check(zone));
        let hours = hour_periods.iter().map(|vector| vector.check(zone));
        days.chain(hours).chain(notice.iter().map(|vector| vector.check(zone))).collect()
    }
}

impl Checked {
    fn new<const N: usize>(
        id: &str,
        expected: [(&'static str, String); N],
        got: Result<[(&'static str, String); N], ClockError>,
    ) -> Self {
        let expected = BTreeMap::from(expected);
        let got = match got {
            Ok(got) => BTreeMap::from(got),
            Err(error) => BTreeMap::from([("error", error.to_string())]),
        };
        let ok = expected == got;
        Self { id: id.to_owned(), expected, got, ok }
    }
}

impl DayPeriod {
    fn check(&self, zone: &TimeZone) -> Checked {
        let fields = |no_roll: Date, bgb193: Date, end_no_roll: Timestamp, end_bgb193: Timestamp| {
            [
                ("lastDayNoRoll", no_roll.to_string()),
                ("lastDayBgb193", bgb193.to_string()),
                ("endExclusiveUtcNoRoll", end_no_roll.to_string()),
                ("endExclusiveUtcBgb193", end_bgb193.to_string()),
            ]
        };
        let expected = fields(
            self.last_day_no_roll,
            self.last_day_bgb193,
            self.end_exclusive_utc_no_roll,
            self.end_exclusive_utc_bgb193,
        );
        let got = compute(self.rule(), Start::Event(self.event), zone, Some(&Holidays::new(self.land))).map(|due| {
            let (strict, legal) = (due.conservative, due.legal);
            let day = |day: Option<Date>| day.unwrap_or_default();
            fields(day(strict.last_day), day(legal.last_day), strict.exclusive, legal.exclusive)
        });
        Checked::new(&self.id, expected, got)
    }

    fn rule(&self) -> Rule {
        let unit = match self.unit {
            DayUnit::Werktag => PeriodUnit::WorkingDays,
            DayUnit::Tag => PeriodUnit::Days,
            DayUnit::Woche => PeriodUnit::Weeks,
            DayUnit::Monat => PeriodUnit::Months,
        };
        Rule {
            amount: self.n,
            unit,
            calendar: Calendar::Bgb,
            saturday_is_werktag: self.saturday_is_werktag,
            roll: true,
        }
    }
}

impl HourPeriod {
    fn check(&self, zone: &TimeZone) -> Checked {
        let fields = |due: String, due_utc: Timestamp| [("due", due), ("dueUtc", due_utc.to_string())];
        let calendar = match self.rule {
            HourRule::Elapsed => Calendar::Bgb,
            HourRule::Regulation1182 => Calendar::Regulation1182,
        };
        let rule =
            Rule { amount: self.hours, unit: PeriodUnit::Hours, calendar, saturday_is_werktag: true, roll: false };
        let got = compute(rule, Start::Event(self.event), zone, None).map(|due| {
            let end = due.legal.exclusive;
            fields(end.display_with_offset(zone.to_offset(end)).to_string(), end)
        });
        Checked::new(&self.id, fields(normal(&self.due), self.due_utc), got)
    }
}

impl Notice {
    fn check(&self, zone: &TimeZone) -> Checked {
        let audit = |check: fn(Rule, Date, Option<&Holidays>) -> Result<Date, ClockError>| {
            let rule = duties::duty(Obligation::Audit).expect("the table of duties has it").rule;
            check(rule, self.input, None)
        };
        let months = |amount, calendar| Rule {
            amount,
            unit: PeriodUnit::Months,
            calendar,
            saturday_is_werktag: true,
            roll: calendar == Calendar::Regulation1182,
        };
        let last_day = |rule: Rule, start: Start| {
            compute(rule, start, zone, Some(&Holidays::new(Land::BE))).map(|due| due.legal.last_day.unwrap_or_default())
        };
        let got = match self.kind {
            NoticeKind::AuditEarliest => audit(earliest_after_notice),
            NoticeKind::AuditLatestNotice => audit(latest_receipt),
            NoticeKind::SixMonthsFromBeginning => {
                const SIX: NonZeroU16 = NonZeroU16::new(6).expect("six is not zero");
                last_day(months(SIX, Calendar::Bgb), Start::BeginningOf(self.input))
            }
            NoticeKind::MonthOf1182InBerlin => {
                last_day(months(NonZeroU16::MIN, Calendar::Regulation1182), Start::EventDay(self.input))
            }
        };
        Checked::new(
            &self.id,
            [("expected", self.expected.to_string())],
            got.map(|day| [("expected", day.to_string())]),
        )
    }
}

/// Normalises an instant with offset, so that `13:15+01:00` and `13:15:00+01:00` are equal; other text is returned
/// unchanged, and differs.
fn normal(text: &str) -> String {
    let pieces = DateTimeParser::new().parse_pieces(text).ok();
    let parsed = pieces.and_then(|pieces| {
        let offset = pieces.to_numeric_offset()?;
        let instant = offset.to_timestamp(pieces.date().to_datetime(pieces.time()?)).ok()?;
        Some(instant.display_with_offset(offset).to_string())
    });
    parsed.unwrap_or_else(|| text.to_owned())
}
