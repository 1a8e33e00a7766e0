//! Computes when a period ends, from its rule and start, with the reasoning.
//!
//! Contractual periods follow §§ 186-193 BGB (`bgb`), those of the GDPR Regulation (EEC, Euratom)
//! No 1182/71 (`regulation_1182`). Days are days of the contract's zone, hours are elapsed time.
//! Zones come from the time-zone database inside the program, holidays from the table in
//! `holidays`; the machine's clock is never read.

mod bgb;
mod days;
mod duties;
mod error;
mod holidays;
mod hours;
mod notice;
mod plan;
mod receipt;
mod regulation_1182;
#[cfg(test)]
mod tests;
mod vectors;

use std::{num::NonZeroU16, sync::LazyLock};

use jiff::{
    Timestamp,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use landfall_observation::PeriodUnit;
use serde::{Deserialize, Serialize};

pub use duties::{DUTIES, Duty, duty};
pub use error::ClockError;
pub use holidays::{FIRST_YEAR, Holidays, LAST_YEAR, Land, LocalHoliday};
pub use notice::{earliest_after_notice, first_business_day, last_business_day, latest_receipt};
pub use plan::{Feasibility, Plan, PlanTerms, plan};
pub use receipt::{BusinessHours, Receipt, received};
pub use vectors::{Checked, Vectors};

use days::Anchor;

/// The bundled time-zone database, which caches zones.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The default zone of agreements.
pub const CONTRACT_ZONE: &str = "Europe/Berlin";

/// A period as agreement or statute states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// How many units.
    pub amount: NonZeroU16,
    /// The unit. A year is twelve months, half a year six, a quarter three; half a month is 15 days (§ 189 BGB).
    pub unit: PeriodUnit,
    /// The law by which it is counted.
    pub calendar: Calendar,
    /// Whether a Saturday counts as a Werktag (general usage: BGH VIII ZR 206/04; open in contracts
    /// between businesses). Regulation 1182/71 never counts it (Art. 2(2)).
    pub saturday_is_werktag: bool,
    /// Whether an end on a Saturday, Sunday or public holiday moves to the next working day (§ 193
    /// BGB, Art. 3(4) Reg. 1182/71). Off for notice that protects the other side (BGH NJW 2005,
    /// 1354); hours never move.
    pub roll: bool,
}

/// The law by which a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calendar {
    /// §§ 186-193 BGB.
    Bgb,
    /// Regulation (EEC, Euratom) No 1182/71, for periods in acts of the Union.
    #[serde(rename = "1182")]
    Regulation1182,
}

/// What a period starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// An event in the course of a day, which does not count (§ 187(1) BGB; Art. 3(1) Reg. 1182/71).
    Event(Timestamp),
    /// The same when only its day is known.
    EventDay(Date),
    /// The beginning of a day, which counts (§ 187(2) BGB).
    BeginningOf(Date),
}

/// The end of a period in two readings, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The strict reading, for one's own duties: the end never moves.
    pub conservative: End,
    /// The reading of the law, for rights of the other side.
    pub legal: End,
    /// Step by step, Werktage and moved ends day by day.
    pub reasoning: Vec<Step>,
}

/// When a period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// The last day; none for hours.
    pub last_day: Option<Date>,
    /// The first instant after the period.
    pub exclusive: Timestamp,
}

/// One step of a computation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The day it is about.
    pub day: Date,
    /// Which unit of the period this day is the last of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u16>,
    /// What happens.
    pub text: String,
    /// The rule that applies.
    pub law: &'static str,
}

/// When a period ends that runs by `rule` from `start`. `zone` says what a day is, `holidays` which
/// days are public holidays at the place of declaration or performance (§ 193 BGB) or in the Member
/// State of the action (Art. 2(1) Reg. 1182/71); hours and plain periods without roll need none.
pub fn compute(rule: Rule, start: Start, zone: &TimeZone, holidays: Option<&Holidays>) -> Result<Due, ClockError> {
    if rule.unit == PeriodUnit::Hours {
        return hours::compute(rule, start, zone);
    }
    let mut reasoning = Vec::new();
    let (strict, legal) = last_days(rule, Anchor::new(start, zone), holidays, &mut reasoning)?;
    Ok(Due { conservative: End::of_day(strict, zone)?, legal: End::of_day(legal, zone)?, reasoning })
}

/// The last day of a period in days, Werktage, weeks or months, unmoved and by the law.
fn last_days(
    rule: Rule,
    anchor: Anchor,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> Result<(Date, Date), ClockError> {
    match rule.calendar {
        Calendar::Bgb => bgb::last_days(rule, anchor, holidays, reasoning),
        Calendar::Regulation1182 => regulation_1182::last_days(rule, anchor, holidays, reasoning),
    }
}

/// A zone of the bundled time-zone database, independent of that of the machine.
pub fn zone(name: &str) -> Result<TimeZone, ClockError> {
    ZONES.get(name).map_err(|_| ClockError::UnknownZone { name: name.to_owned() })
}

impl End {
    fn of_day(last_day: Date, zone: &TimeZone) -> Result<Self, ClockError> {
        let next = last_day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
        Ok(Self { last_day: Some(last_day), exclusive: beginning_of(next, zone)? })
    }

    fn at(exclusive: Timestamp) -> Self {
        Self { last_day: None, exclusive }
    }
}

impl Step {
    fn new(day: Date, text: impl Into<String>, law: &'static str) -> Self {
        Self { day, count: None, text: text.into(), law }
    }

    fn counted(day: Date, count: u16, text: impl Into<String>, law: &'static str) -> Self {
        Self { day, count: Some(count), text: text.into(), law }
    }
}

/// The first instant of a day.
fn beginning_of(day: Date, zone: &TimeZone) -> Result<Timestamp, ClockError> {
    zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).map_err(|_| ClockError::OutOfRange)
}
