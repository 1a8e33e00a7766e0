//! The table of public holidays against the PyPI package `holidays`, 2000-2050.
//!
//! Every day that only one of both has must be in `testdata/holiday-differences.txt`, with a reason.

#![allow(clippy::unwrap_used, reason = "in a test a failed expectation is a failed test")]

use std::{collections::BTreeSet, env, path::Path, process::Command};

use jiff::civil::Date;
use landfall_transfer_law::clock::{FIRST_YEAR, Holidays, LAST_YEAR, Land, LocalHoliday};

const EXPLAINED: &str = include_str!("../testdata/holiday-differences.txt");

/// Place and date.
type Days = BTreeSet<(String, Date)>;

#[test]
fn the_table_is_that_of_the_package() {
    let Some(python) = env::var_os("LANDFALL_HOLIDAYS_PYTHON") else {
        assert!(env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "LANDFALL_HOLIDAYS_PYTHON is not set");
        println!("skipped: LANDFALL_HOLIDAYS_PYTHON is not set (see scripts/check-holidays.sh)");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/holidays-table.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let package: Days = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let (place, date) = line.split_once('\t').unwrap();
            (place.to_owned(), date.parse().unwrap())
        })
        .collect();
    let here = table();
    let differences = differences(&here, &package);
    println!("{} days here, {} in the package, {} differences", here.len(), package.len(), differences.len());
    println!("{}", differences.join("\n"));
    assert_eq!(differences, explained(EXPLAINED));
}

#[test]
fn a_day_that_only_one_table_has_is_a_difference() {
    let days = |dates: &[&str]| -> Days { dates.iter().map(|date| ("BE".to_owned(), date.parse().unwrap())).collect() };
    let both = differences(&days(&["2026-01-01", "2026-03-08"]), &days(&["2026-01-01", "2026-05-08"]));
    assert_eq!(both, ["BE 2026-03-08 here", "BE 2026-05-08 package"]);
    assert_eq!(explained("# comment\n\nBE 2026-05-08 package it errs\n"), ["BE 2026-05-08 package"]);
}

/// The places of `scripts/holidays-table.py`.
fn table() -> Days {
    let mut places: Vec<(String, Holidays)> =
        Land::ALL.into_iter().map(|land| (land.to_string(), Holidays::new(land))).collect();
    let with = |land, local: &[LocalHoliday]| {
        local.iter().fold(Holidays::new(land), |holidays, local| holidays.with_local(*local).unwrap())
    };
    let (assumption, corpus_christi) = (LocalHoliday::AssumptionDay, LocalHoliday::CorpusChristi);
    places.push(("BY+catholic".to_owned(), with(Land::BY, &[assumption])));
    places.push(("SN+catholic".to_owned(), with(Land::SN, &[corpus_christi])));
    places.push(("TH+catholic".to_owned(), with(Land::TH, &[corpus_christi])));
    places.push(("Augsburg".to_owned(), with(Land::BY, &[assumption, LocalHoliday::PeaceFestival])));

    let mut days = Days::new();
    let mut date = Date::new(FIRST_YEAR, 1, 1).unwrap();
    while date.year() <= LAST_YEAR {
        for (place, holidays) in &places {
            if holidays.on(date).unwrap().is_some() {
                days.insert((place.clone(), date));
            }
        }
        date = date.tomorrow().unwrap();
    }
    days
}

/// `place date who`, in order.
fn differences(here: &Days, package: &Days) -> Vec<String> {
    let line = |(place, date): &(String, Date), who| format!("{place} {date} {who}");
    let mut lines: Vec<_> = here.difference(package).map(|day| line(day, "here")).collect();
    lines.extend(package.difference(here).map(|day| line(day, "package")));
    lines.sort();
    lines
}

/// The differences of the file, in order; each must have a reason.
fn explained(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<_> = line.splitn(4, ' ').collect();
            assert!(fields.len() == 4 && !fields[3].trim().is_empty(), "no reason: {line}");
            fields[..3].join(" ")
        })
        .collect();
    lines.sort();
    lines
}
