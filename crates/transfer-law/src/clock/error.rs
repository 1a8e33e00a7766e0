use jiff::civil::{Date, Time};
use thiserror::Error;

use super::{FIRST_YEAR, LAST_YEAR, Land, LocalHoliday};

/// Why a period cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClockError {
    /// Holidays matter, but no Land is given.
    #[error("the Land is missing: which days are public holidays depends on it")]
    MissingLand,
    /// A period in hours from a day.
    #[error("a period in hours needs the instant of its event, found the day {day}")]
    NeedsInstant {
        /// The day found.
        day: Date,
    },
    /// A period under Regulation 1182/71 with a counted first day, which only § 187(2) BGB knows.
    #[error("Reg. 1182/71 has no rule like § 187(2) BGB: expected an event, found the beginning of {day}")]
    CountedFirstDay {
        /// The day found.
        day: Date,
    },
    /// A minimum notice in hours.
    #[error("a notice period is stated in days, Werktage, weeks or months, found hours")]
    NoticeInHours,
    /// The table of holidays does not cover the year.
    #[error("public holidays are known from {FIRST_YEAR} to {LAST_YEAR}, needed for {day}")]
    HolidaysUnknown {
        /// The day asked for.
        day: Date,
    },
    /// A municipal holiday of another Land.
    #[error("{holiday} is no holiday of single municipalities in {land}")]
    NotLocal {
        /// The holiday.
        holiday: LocalHoliday,
        /// The Land.
        land: Land,
    },
    /// No such Land.
    #[error("`{found}` is no Land, expected one of BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH")]
    UnknownLand {
        /// What was found.
        found: String,
    },
    /// No such zone.
    #[error("`{name}` is no time zone, expected a name such as Europe/Berlin")]
    UnknownZone {
        /// What was found.
        name: String,
    },
    /// Business hours that end before they begin.
    #[error("business hours from {opens} to {closes} are none")]
    NoBusinessHours {
        /// Begin.
        opens: Time,
        /// End.
        closes: Time,
    },
    /// The result is after the year 9999.
    #[error("the period leaves the calendar")]
    OutOfRange,
}
