//! The vectors, on which three implementations agree; and that every expected value is checked.

use serde_json::Value;

use super::*;

const FILE: &str = include_str!("../../../testdata/clock-vectors.json");

fn check(file: Value) -> Vec<Checked> {
    serde_json::from_value::<Vectors>(file).unwrap().check(&berlin())
}

fn file() -> Value {
    serde_json::from_str(FILE).unwrap()
}

#[test]
fn every_vector_passes() {
    let checked = check(file());
    let failed: Vec<_> = checked.iter().filter(|vector| !vector.ok).collect();
    assert_eq!((checked.len(), failed), (68, vec![]));
}

/// Each expected value is changed in turn, by a day or by an hour.
#[test]
fn a_changed_expectation_fails_its_vector_alone() {
    let mut changes = 0;
    let original = file();
    for (section, vectors) in original.as_object().unwrap() {
        for (index, vector) in vectors.as_array().unwrap().iter().enumerate() {
            let expected = ["lastDay", "endExclusive", "due", "expected"];
            for field in vector.as_object().unwrap().keys().filter(|key| expected.iter().any(|e| key.starts_with(e))) {
                let mut file = original.clone();
                let value = &mut file[section][index][field];
                *value = later(value.as_str().unwrap()).into();
                let failed: Vec<_> = check(file).into_iter().filter(|vector| !vector.ok).map(|v| v.id).collect();
                assert_eq!(failed, [vector["id"].as_str().unwrap()], "{field}");
                changes += 1;
            }
        }
    }
    assert_eq!(changes, 46 * 4 + 15 * 2 + 7);
}

/// The event of each vector is moved by enough to move its end.
#[test]
fn a_changed_event_fails_its_vector() {
    let original = file();
    for (section, field) in [("dayPeriods", "event"), ("hourPeriods", "event"), ("notice", "input")] {
        for (index, vector) in original[section].as_array().unwrap().iter().enumerate() {
            let mut file = original.clone();
            let (date, time) = vector[field].as_str().unwrap().split_at(10);
            let moved = day(date).checked_add(jiff::Span::new().days(40)).unwrap();
            file[section][index][field] = format!("{moved}{time}").into();
            let failed: Vec<_> = check(file).into_iter().filter(|vector| !vector.ok).map(|v| v.id).collect();
            assert_eq!(failed, [vector["id"].as_str().unwrap()]);
        }
    }
}

/// A day later for a date, an hour for an instant.
fn later(text: &str) -> String {
    if text.len() == 10 {
        return day(text).tomorrow().unwrap().to_string();
    }
    let hour: u8 = text[11..13].parse().unwrap();
    format!("{}{:02}{}", &text[..11], (hour + 1) % 24, &text[13..])
}

#[test]
fn the_spelling_of_an_instant_does_not_matter_but_its_offset_does() {
    let due = |due: &str| {
        let mut file = file();
        file["hourPeriods"][0]["due"] = due.into();
        check(file).into_iter().find(|vector| vector.id == "H01").unwrap().ok
    };
    assert_eq!(
        ["2026-11-23T13:15:00.000+01:00", "2026-11-23T12:15Z", "2026-11-23 13:15", "noon"].map(due),
        [true, false, false, false]
    );
}

#[test]
fn what_cannot_be_computed_is_a_mismatch_that_says_why() {
    let mut file = file();
    file["dayPeriods"][0]["event"] = "2077-11-23T10:00+01:00".into();
    let checked = check(file).remove(0);
    assert!(!checked.ok);
    let error = &checked.got["error"];
    assert_eq!(error, "public holidays are known from 2000 to 2050, needed for 2077-11-24");
}

#[test]
fn unknown_fields_kinds_and_laender_are_refused() {
    for (pointer, value, expected) in [
        ("/dayPeriods/0/land", "XX", "`XX` is no Land"),
        ("/dayPeriods/0/unit", "Jahr", "unknown variant `Jahr`"),
        ("/notice/0/kind", "audit", "unknown variant `audit`"),
        ("/hourPeriods/0/rule", "1183", "unknown variant `1183`"),
    ] {
        let mut file = file();
        *file.pointer_mut(pointer).unwrap() = value.into();
        let error = serde_json::from_value::<Vectors>(file).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let mut file = file();
    file["dayPeriods"][0]["lastDay"] = "2026-11-28".into();
    assert!(serde_json::from_value::<Vectors>(file).unwrap_err().to_string().contains("unknown field `lastDay`"));
}
