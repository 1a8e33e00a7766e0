//! Tests of the table; `tests/holidays.rs` compares all of it with another source.

use super::*;

#[test]
fn a_year_in_berlin() {
    let mut found = Vec::new();
    let mut date = day("2025-01-01");
    while date.year() == 2025 {
        if let Some(name) = Holidays::new(Land::BE).on(date).unwrap() {
            found.push(format!("{date} {name}"));
        }
        date = date.tomorrow().unwrap();
    }
    assert_eq!(
        found,
        [
            "2025-01-01 Neujahr",
            "2025-03-08 Frauentag",
            "2025-04-18 Karfreitag",
            "2025-04-21 Ostermontag",
            "2025-05-01 1. Mai",
            "2025-05-08 80. Jahrestag der Befreiung",
            "2025-05-29 Christi Himmelfahrt",
            "2025-06-09 Pfingstmontag",
            "2025-10-03 Tag der Deutschen Einheit",
            "2025-12-25 1. Weihnachtstag",
            "2025-12-26 2. Weihnachtstag",
        ]
    );
}

#[test]
fn municipal_holidays_are_settings_of_their_land() {
    let augsburg = || {
        let bavaria = Holidays::new(Land::BY).with_local(LocalHoliday::AssumptionDay).unwrap();
        bavaria.with_local(LocalHoliday::PeaceFestival).unwrap()
    };
    for (date, whole_land, city) in [
        ("2026-08-08", None, Some("Augsburger Friedensfest")),
        ("2026-08-15", None, Some("Mariä Himmelfahrt")),
        ("2026-06-04", Some("Fronleichnam"), Some("Fronleichnam")),
        ("2026-08-14", None, None),
    ] {
        assert_eq!(Holidays::new(Land::BY).on(day(date)).unwrap(), whole_land, "{date}");
        assert_eq!(augsburg().on(day(date)).unwrap(), city, "{date}");
    }
    let corpus_christi = LocalHoliday::CorpusChristi;
    let eichsfeld = Holidays::new(Land::TH).with_local(corpus_christi).unwrap();
    assert_eq!(eichsfeld.on(day("2026-06-04")).unwrap(), Some("Fronleichnam"));
    assert_eq!(
        Holidays::new(Land::BE).with_local(corpus_christi),
        Err(ClockError::NotLocal { holiday: corpus_christi, land: Land::BE })
    );
}

#[test]
fn a_day_declared_later_is_a_holiday_of_that_day_alone() {
    let holidays = Holidays::new(Land::BE).with_also(day("2027-05-10"));
    assert_eq!(holidays.on(day("2027-05-10")).unwrap(), Some("declared holiday"));
    assert_eq!(holidays.on(day("2028-05-10")).unwrap(), None);
}

#[test]
fn a_land_is_written_with_or_without_its_country() {
    assert_eq!(("BE".parse(), "DE-SN".parse()), (Ok(Land::BE), Ok(Land::SN)));
    for wrong in ["", "be", "DE", "DE-", "FR-BE", "BER"] {
        assert_eq!(wrong.parse::<Land>(), Err(ClockError::UnknownLand { found: wrong.to_owned() }));
    }
}
