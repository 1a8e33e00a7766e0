//! Periods in hours. They run through nights, weekends and clock changes, and never move: § 193 BGB
//! speaks of days, Art. 3(4) Reg. 1182/71 of periods "otherwise than in hours".

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Calendar, ClockError, Due, End, Rule, Start, Step, beginning_of};

pub(super) fn compute(rule: Rule, start: Start, zone: &TimeZone) -> Result<Due, ClockError> {
    let event = instant(rule, start, zone)?;
    let hours = SignedDuration::from_hours(i64::from(rule.amount.get()));
    let elapsed = event.checked_add(hours).map_err(|_| ClockError::OutOfRange)?;
    let mut reasoning = vec![Step::new(
        zone.to_datetime(event).date(),
        format!("the event, at {}", clock_time(event, zone)),
        match rule.calendar {
            Calendar::Bgb => "§ 186 BGB",
            Calendar::Regulation1182 => "Art. 3(1) Reg. 1182/71",
        },
    )];
    let strict = Step::counted(
        zone.to_datetime(elapsed).date(),
        rule.amount.get(),
        format!("elapsed time ends at {}", clock_time(elapsed, zone)),
        "hours run and never move",
    );
    reasoning.push(strict);
    let legal = match rule.calendar {
        Calendar::Bgb => elapsed,
        Calendar::Regulation1182 => {
            let full_hour = next_full_hour(event, zone)?;
            let end = full_hour.checked_add(hours).map_err(|_| ClockError::OutOfRange)?;
            reasoning.push(Step::new(
                zone.to_datetime(full_hour).date(),
                format!("the hour of the event does not count: the first starts at {}", clock_time(full_hour, zone)),
                "Art. 3(1) Reg. 1182/71",
            ));
            reasoning.push(Step::counted(
                zone.to_datetime(end).date(),
                rule.amount.get(),
                format!("the last hour ends at {}", clock_time(end, zone)),
                "Art. 3(2)(a) Reg. 1182/71",
            ));
            end
        }
    };
    Ok(Due { conservative: End::at(elapsed), legal: End::at(legal), reasoning })
}

fn instant(rule: Rule, start: Start, zone: &TimeZone) -> Result<Timestamp, ClockError> {
    match (start, rule.calendar) {
        (Start::Event(instant), _) => Ok(instant),
        (Start::EventDay(day), _) => Err(ClockError::NeedsInstant { day }),
        (Start::BeginningOf(day), Calendar::Bgb) => beginning_of(day, zone),
        (Start::BeginningOf(day), Calendar::Regulation1182) => Err(ClockError::CountedFirstDay { day }),
    }
}

/// The beginning of the hour after the one that contains `event`; an event exactly on the hour belongs to the hour that
/// starts.
fn next_full_hour(event: Timestamp, zone: &TimeZone) -> Result<Timestamp, ClockError> {
    let local = zone.to_datetime(event).time();
    let into_the_hour = SignedDuration::from_mins(i64::from(local.minute()))
        + SignedDuration::from_secs(i64::from(local.second()))
        + SignedDuration::from_nanos(i64::from(local.subsec_nanosecond()));
    event.checked_add(SignedDuration::from_hours(1) - into_the_hour).map_err(|_| ClockError::OutOfRange)
}

fn clock_time(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant.to_zoned(zone.clone());
    let seconds = zoned.second() != 0 || zoned.subsec_nanosecond() != 0;
    zoned.strftime(if seconds { "%H:%M:%S%.f%:z" } else { "%H:%M%:z" }).to_string()
}
