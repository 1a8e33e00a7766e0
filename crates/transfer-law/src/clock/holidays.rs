//! The public holidays of the sixteen Länder.
//!
//! They are laid down by the law of each Land: § 1 FTG (BW), Art. 1 BayFTG (BY), § 1 FeiertG BE
//! (BE), § 2 FTG (BB), § 2 of the holiday act of 12.11.1954 (HB), § 1 FeiertG (HH), § 1
//! HFeiertagsG (HE), § 2 FTG M-V (MV), § 2 NFeiertagsG (NI), § 2 Feiertagsgesetz NW (NW), § 2 LFtG
//! (RP), § 2 SFG (SL), § 1 SächsSFG (SN), § 2 FeiertG LSA (ST), § 2 SFTG (SH), § 2 ThürFtG (TH).
//! 3 October is federal law (Art. 2(2) Einigungsvertrag). 24 and 31 December are no holidays.
//! Sundays need no row; Easter and Whit Sunday have one where the statute names them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::{ToSpan as _, civil::Date};
use landfall_observation::written_as_serialized;
use serde::{Deserialize, Serialize};

use super::{ClockError, days::moved};

/// The first year for which the table is checked; before, it lacks repealed holidays.
pub const FIRST_YEAR: i16 = 2000;
/// The last year for which the table is checked; later holidays are not known yet.
pub const LAST_YEAR: i16 = 2050;

/// The Länder by ISO 3166-2 without `DE-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
#[expect(missing_docs, reason = "the code is the name")]
pub enum Land {
    BB,
    BE,
    BW,
    BY,
    HB,
    HE,
    HH,
    MV,
    NI,
    NW,
    RP,
    SH,
    SL,
    SN,
    ST,
    TH,
}

/// Holidays of single municipalities only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocalHoliday {
    /// 15 August in the municipalities of Bavaria with more Catholics than Protestants (Art. 1(1)
    /// no. 2 BayFTG).
    AssumptionDay,
    /// Corpus Christi in some municipalities of Saxony and Thuringia, by ordinance.
    CorpusChristi,
    /// 8 August in the city of Augsburg (Art. 1(2) BayFTG).
    PeaceFestival,
}

/// The public holidays of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    land: Land,
    local: BTreeSet<LocalHoliday>,
    also: BTreeSet<Date>,
}

/// A row of the table.
struct Row {
    name: &'static str,
    day: Day,
    who: Who,
    /// First and last year.
    years: (i16, i16),
}

/// When a holiday is.
#[derive(Clone, Copy)]
enum Day {
    Fixed(i8, i8),
    /// Days after Easter Sunday.
    Easter(i32),
    /// The Wednesday before 23 November.
    Repentance,
}

/// Where it is a holiday.
enum Who {
    Everywhere,
    In(&'static [Land]),
    Local(LocalHoliday),
}

use Land::{BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN, ST, TH};

const ALWAYS: (i16, i16) = (i16::MIN, i16::MAX);

const fn since(year: i16) -> (i16, i16) {
    (year, i16::MAX)
}

const fn row(name: &'static str, day: Day, who: Who, years: (i16, i16)) -> Row {
    Row { name, day, who, years }
}

#[rustfmt::skip]
const TABLE: [Row; 28] = [
    row("Neujahr", Day::Fixed(1, 1), Who::Everywhere, ALWAYS),
    row("Heilige Drei Könige", Day::Fixed(1, 6), Who::In(&[BW, BY, ST]), ALWAYS),
    row("Frauentag", Day::Fixed(3, 8), Who::In(&[BE]), since(2019)),
    row("Frauentag", Day::Fixed(3, 8), Who::In(&[MV]), since(2023)),
    row("Karfreitag", Day::Easter(-2), Who::Everywhere, ALWAYS),
    row("Ostersonntag", Day::Easter(0), Who::In(&[BB]), ALWAYS),
    row("Ostermontag", Day::Easter(1), Who::Everywhere, ALWAYS),
    row("1. Mai", Day::Fixed(5, 1), Who::Everywhere, ALWAYS),
    row("Christi Himmelfahrt", Day::Easter(39), Who::Everywhere, ALWAYS),
    row("Pfingstsonntag", Day::Easter(49), Who::In(&[BB]), ALWAYS),
    row("Pfingstmontag", Day::Easter(50), Who::Everywhere, ALWAYS),
    row("Fronleichnam", Day::Easter(60), Who::In(&[BW, BY, HE, NW, RP, SL]), ALWAYS),
    row("Fronleichnam", Day::Easter(60), Who::Local(LocalHoliday::CorpusChristi), ALWAYS),
    row("Augsburger Friedensfest", Day::Fixed(8, 8), Who::Local(LocalHoliday::PeaceFestival), ALWAYS),
    row("Mariä Himmelfahrt", Day::Fixed(8, 15), Who::In(&[SL]), ALWAYS),
    row("Mariä Himmelfahrt", Day::Fixed(8, 15), Who::Local(LocalHoliday::AssumptionDay), ALWAYS),
    row("Weltkindertag", Day::Fixed(9, 20), Who::In(&[TH]), since(2019)),
    row("Tag der Deutschen Einheit", Day::Fixed(10, 3), Who::Everywhere, ALWAYS),
    row("Reformationstag", Day::Fixed(10, 31), Who::In(&[BB, MV, SN, ST, TH]), ALWAYS),
    row("Reformationstag", Day::Fixed(10, 31), Who::In(&[HB, HH, NI, SH]), since(2018)),
    row("Allerheiligen", Day::Fixed(11, 1), Who::In(&[BW, BY, NW, RP, SL]), ALWAYS),
    row("Buß- und Bettag", Day::Repentance, Who::In(&[SN]), ALWAYS),
    row("1. Weihnachtstag", Day::Fixed(12, 25), Who::Everywhere, ALWAYS),
    row("2. Weihnachtstag", Day::Fixed(12, 26), Who::Everywhere, ALWAYS),
    // Once only.
    row("500 Jahre Reformation", Day::Fixed(10, 31), Who::Everywhere, (2017, 2017)),
    row("75. Jahrestag der Befreiung", Day::Fixed(5, 8), Who::In(&[BE]), (2020, 2020)),
    row("80. Jahrestag der Befreiung", Day::Fixed(5, 8), Who::In(&[BE]), (2025, 2025)),
    row("75. Jahrestag des 17. Juni 1953", Day::Fixed(6, 17), Who::In(&[BE]), (2028, 2028)),
];

impl Holidays {
    /// Those of the whole Land.
    pub fn new(land: Land) -> Self {
        Self { land, local: BTreeSet::new(), also: BTreeSet::new() }
    }

    /// And a holiday of the municipality.
    pub fn with_local(mut self, holiday: LocalHoliday) -> Result<Self, ClockError> {
        if !holiday.laender().contains(&self.land) {
            return Err(ClockError::NotLocal { holiday, land: self.land });
        }
        self.local.insert(holiday);
        Ok(self)
    }

    /// And a day that was declared a holiday after the table was written.
    pub fn with_also(mut self, day: Date) -> Self {
        self.also.insert(day);
        self
    }

    /// The Land.
    pub fn land(&self) -> Land {
        self.land
    }

    /// The name of the holiday on `day`; an error outside of the years of the table.
    pub fn on(&self, day: Date) -> Result<Option<&'static str>, ClockError> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
            return Err(ClockError::HolidaysUnknown { day });
        }
        if self.also.contains(&day) {
            return Ok(Some("declared holiday"));
        }
        let easter = easter(day.year())?;
        for row in &TABLE {
            if self.observes(row, day.year()) && row.day.in_year_of(easter)? == day {
                return Ok(Some(row.name));
            }
        }
        Ok(None)
    }

    fn observes(&self, row: &Row, year: i16) -> bool {
        let here = match &row.who {
            Who::Everywhere => true,
            Who::In(laender) => laender.contains(&self.land),
            Who::Local(holiday) => self.local.contains(holiday),
        };
        here && (row.years.0..=row.years.1).contains(&year)
    }
}

impl Day {
    /// In the year with this Easter Sunday.
    fn in_year_of(self, easter: Date) -> Result<Date, ClockError> {
        let date = |month, day| Date::new(easter.year(), month, day).map_err(|_| ClockError::OutOfRange);
        match self {
            Self::Fixed(month, day) => date(month, day),
            Self::Easter(offset) => moved(easter, offset.days()),
            Self::Repentance => {
                let eve = date(11, 22)?;
                // Sunday is 0; from Wednesday (3) on back to it.
                let past = (i32::from(eve.weekday().to_sunday_zero_offset()) + 4) % 7;
                moved(eve, -past.days())
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876, Butcher).
fn easter(year: i16) -> Result<Date, ClockError> {
    let year_number = i32::from(year);
    let (golden, century, of_century) = (year_number % 19, year_number / 100, year_number % 100);
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * late;
    let march_22 = Date::new(year, 3, 22).map_err(|_| ClockError::OutOfRange)?;
    moved(march_22, days.days())
}

impl LocalHoliday {
    /// The Länder with such municipalities.
    fn laender(self) -> &'static [Land] {
        match self {
            Self::AssumptionDay | Self::PeaceFestival => &[BY],
            Self::CorpusChristi => &[SN, TH],
        }
    }
}

impl fmt::Display for LocalHoliday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AssumptionDay => "assumption-day",
            Self::CorpusChristi => "corpus-christi",
            Self::PeaceFestival => "peace-festival",
        })
    }
}

impl Land {
    /// All of them.
    pub const ALL: [Self; 16] = [BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN, ST, TH];
}

impl FromStr for Land {
    type Err = ClockError;

    /// `BE` or `DE-BE`.
    fn from_str(text: &str) -> Result<Self, ClockError> {
        let code = text.strip_prefix("DE-").unwrap_or(text);
        let land = Self::ALL.into_iter().find(|land| land.to_string() == code);
        land.ok_or_else(|| ClockError::UnknownLand { found: text.to_owned() })
    }
}

impl TryFrom<String> for Land {
    type Error = ClockError;

    fn try_from(text: String) -> Result<Self, ClockError> {
        text.parse()
    }
}

written_as_serialized!(Land);
