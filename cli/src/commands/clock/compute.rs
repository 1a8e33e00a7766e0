use std::num::NonZeroU16;

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use landfall_transfer_law::{
    PeriodUnit,
    clock::{self, BusinessHours, Calendar, DUTIES, Duty, Holidays, Land, LocalHoliday, Rule, Start, Step},
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as NameError};

use super::Zone;
use crate::{
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    tables::{DueDate, DueDateTable},
};

/// Computes a due date.
#[derive(Debug, clap::Args)]
pub(super) struct Compute {
    /// The duty whose period is used; the period options override it.
    #[arg(value_name = "DUTY", value_parser = duties())]
    duty: Option<&'static Duty>,
    /// Business hours of the recipient; a message outside them is received when they next begin.
    #[arg(long, value_name = "HH:MM-HH:MM", value_parser = business_hours, requires_all = ["event", "land"])]
    business_hours: Option<BusinessHours>,
    #[command(flatten)]
    zone: Zone,
    #[command(flatten)]
    format: FormatOptions,
    // Groups with a heading come last: the heading applies to everything after it.
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    start: StartArgument,
    #[command(flatten)]
    place: Place,
}

/// The period, where it is not that of the duty.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Period")]
struct Period {
    /// Number of units.
    #[arg(long, value_name = "N")]
    amount: Option<NonZeroU16>,
    /// Unit of the period.
    #[arg(long, value_parser = unit())]
    unit: Option<PeriodUnit>,
    /// Applicable law: §§ 186-193 BGB, or Regulation 1182/71 for periods in acts of the Union [default: bgb].
    #[arg(long, value_parser = named::<Calendar>(&["bgb", "1182"]))]
    calendar: Option<Calendar>,
    /// Whether an end on a Saturday, Sunday or public holiday moves to the next working day (§ 193 BGB) [default: true].
    #[arg(long, value_name = "BOOL")]
    roll: Option<bool>,
    /// Whether a Saturday counts as a Werktag [default: true].
    #[arg(long, value_name = "BOOL")]
    saturday_is_werktag: Option<bool>,
}

/// The start of the period.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Start")]
struct StartArgument {
    /// Instant (RFC 3339, with offset) or day of the event that starts the period.
    #[arg(long, value_name = "INSTANT|DATE", value_parser = event)]
    event: Option<Start>,
    /// First day of the period, which counts in full (§ 187(2) BGB).
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Find the last day of receipt for which the period ends before this day.
    #[arg(long, value_name = "DATE")]
    ends_before: Option<Date>,
}

/// The place whose holidays count.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Holidays")]
struct Place {
    /// The Land at the place of declaration or performance, such as BE or DE-BE.
    #[arg(long, value_name = "LAND")]
    land: Option<Land>,
    /// Local holidays of the municipality.
    #[arg(long, value_name = "HOLIDAY", value_delimiter = ',', requires = "land", value_parser = named::<LocalHoliday>(&["assumption-day", "corpus-christi", "peace-festival"]))]
    local_holiday: Vec<LocalHoliday>,
    /// Further days that were declared holidays, beyond the built-in table.
    #[arg(long, value_name = "DATE", value_delimiter = ',', requires = "land")]
    also_holiday: Vec<Date>,
}

impl Compute {
    pub(super) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { duty, period, start, place, business_hours, zone, format } = self;
        let Zone { zone: zone_name } = zone;
        let zone = clock::zone(&zone_name)?;
        let rule = period.rule(duty)?;
        let holidays = place.holidays()?;
        let mut before = Vec::new();
        let start = match (start.get(rule, holidays.as_ref(), &mut before)?, business_hours) {
            (start, None) => start,
            (start, Some(hours)) => received(start, &hours, &zone, holidays.as_ref(), &mut before)?,
        };
        let mut due = clock::compute(rule, start, &zone, holidays.as_ref())?;
        due.reasoning.splice(..0, before);
        let land = holidays.as_ref().map(Holidays::land);
        let date = DueDate { duty: duty.map(|duty| duty.id), rule, start, zone: zone_name, land, due };
        let mut printer = Printer::<DueDateTable>::new(format.format());
        printer.print(&date)?;
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

impl Period {
    fn rule(self, duty: Option<&Duty>) -> anyhow::Result<Rule> {
        let Self { amount, unit, calendar, roll, saturday_is_werktag } = self;
        let rule = duty.map(|duty| duty.rule);
        let missing = "expected a duty, or --amount and --unit";
        Ok(Rule {
            amount: amount.or(rule.map(|rule| rule.amount)).context(missing)?,
            unit: unit.or(rule.map(|rule| rule.unit)).context(missing)?,
            calendar: calendar.or(rule.map(|rule| rule.calendar)).unwrap_or(Calendar::Bgb),
            roll: roll.or(rule.map(|rule| rule.roll)).unwrap_or(true),
            saturday_is_werktag: saturday_is_werktag.or(rule.map(|rule| rule.saturday_is_werktag)).unwrap_or(true),
        })
    }
}

impl StartArgument {
    fn get(self, rule: Rule, holidays: Option<&Holidays>, reasoning: &mut Vec<Step>) -> anyhow::Result<Start> {
        let Self { event, from, ends_before } = self;
        Ok(match (event, from, ends_before) {
            (Some(event), None, None) => event,
            (None, Some(day), None) => Start::BeginningOf(day),
            (None, None, Some(before)) => {
                let day = clock::latest_receipt(rule, before, holidays)?;
                let text = format!("last day of receipt whose period ends before {before}");
                reasoning.push(Step { day, count: None, text, law: "search" });
                Start::EventDay(day)
            }
            _ => bail!("expected one of --event, --from and --ends-before"),
        })
    }
}

impl Place {
    fn holidays(self) -> anyhow::Result<Option<Holidays>> {
        let Self { land, local_holiday, also_holiday } = self;
        let Some(land) = land else { return Ok(None) };
        let mut holidays = Holidays::new(land);
        for holiday in local_holiday {
            holidays = holidays.with_local(holiday)?;
        }
        Ok(Some(also_holiday.into_iter().fold(holidays, Holidays::with_also)))
    }
}

/// When a message is received, which starts the period.
fn received(
    start: Start,
    hours: &BusinessHours,
    zone: &TimeZone,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> anyhow::Result<Start> {
    let (Start::Event(arrival), Some(holidays)) = (start, holidays) else {
        bail!("business hours need --land, and the instant from which the message could be retrieved");
    };
    let receipt = clock::received(arrival, hours, zone, holidays)?;
    reasoning.extend(receipt.reasoning);
    Ok(Start::Event(receipt.at))
}

/// A date has ten characters; anything longer must be an instant with offset, because a local time alone is ambiguous.
fn event(text: &str) -> Result<Start, jiff::Error> {
    if text.len() == 10 {
        text.parse::<Date>().map(Start::EventDay)
    } else {
        text.parse::<Timestamp>().map(Start::Event)
    }
}

fn business_hours(text: &str) -> anyhow::Result<BusinessHours> {
    let (opens, closes) = text.split_once('-').context("expected hours such as 09:00-17:00")?;
    Ok(BusinessHours::new(opens.parse::<Time>()?, closes.parse::<Time>()?, false)?)
}

fn duties() -> impl TypedValueParser<Value = &'static Duty> {
    let ids = DUTIES.iter().map(|duty| clap::builder::PossibleValue::new(duty.id.as_str()).help(duty.what));
    PossibleValuesParser::new(ids).map(|id| id.parse().ok().and_then(clock::duty).expect("clap refuses others"))
}

fn unit() -> impl TypedValueParser<Value = PeriodUnit> {
    const UNITS: [(&str, PeriodUnit); 5] = [
        ("hour", PeriodUnit::Hours),
        ("day", PeriodUnit::Days),
        ("werktag", PeriodUnit::WorkingDays),
        ("week", PeriodUnit::Weeks),
        ("month", PeriodUnit::Months),
    ];
    PossibleValuesParser::new(UNITS.map(|(name, _)| name)).map(|name| {
        let unit = UNITS.into_iter().find(|(known, _)| *known == name);
        unit.expect("clap refuses others").1
    })
}

/// Accepts the names of `T` in files.
fn named<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    names: &'static [&'static str],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).map(|name| {
        T::deserialize(IntoDeserializer::<NameError>::into_deserializer(name)).expect("clap refuses others")
    })
}
