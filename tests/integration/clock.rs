//! `landfall clock`: due dates with reasoning, and files of vectors.

use serde_json::{Value, json};

use crate::support::{Run, landfall, landfall_reading, path};

fn compute(arguments: &str) -> Run {
    landfall(["clock", "compute"].into_iter().chain(arguments.split_whitespace()))
}

fn vectors() -> String {
    path("crates/transfer-law/testdata/clock-vectors.json")
}

#[test]
fn a_due_date_is_shown_with_its_reasoning() {
    let run = compute("SCH-INF --event 2026-11-23T10:00+01:00 --land BE");
    let expected = "\
DAY             COUNT  WHAT                                             BY
Mon 2026-11-23         day of the event: does not count                 § 187(1) BGB
Tue 2026-11-24      1  counts                                           Werktage; § 188(1) BGB
Wed 2026-11-25      2  counts                                           Werktage; § 188(1) BGB
Thu 2026-11-26      3  counts                                           Werktage; § 188(1) BGB
Fri 2026-11-27      4  counts                                           Werktage; § 188(1) BGB
Sat 2026-11-28      5  counts                                           Werktage; § 188(1) BGB
Sat 2026-11-28         Saturday: the end moves to the next working day  § 193 BGB
Sun 2026-11-29         Sunday: the end moves to the next working day    § 193 BGB
Mon 2026-11-30         last day                                         § 188 BGB

conservative: until the end of Sat 2026-11-28, before 2026-11-29T00:00:00+01:00
legal:        until the end of Mon 2026-11-30, before 2026-12-01T00:00:00+01:00
";
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
}

#[test]
fn a_due_date_is_one_json_object() {
    let run = compute("BR-AUTH --event 2026-12-25T10:20+01:00 -o json");
    let [due] = &run.json()[..] else { panic!("{}", run.stdout) };
    let mut due = due.clone();
    let reasoning = due.as_object_mut().unwrap().remove("reasoning").unwrap();
    assert_eq!(reasoning.as_array().unwrap().len(), 4);
    assert_eq!(
        due,
        json!({
            "duty": "BR-AUTH",
            "rule": {"amount": 72, "unit": "Hours", "calendar": "1182", "saturdayIsWerktag": true, "roll": false},
            "start": {"event": "2026-12-25T09:20:00Z"},
            "zone": "Europe/Berlin",
            "conservative": {"lastDay": null, "exclusive": "2026-12-28T09:20:00Z"},
            "legal": {"lastDay": null, "exclusive": "2026-12-28T10:00:00Z"},
        })
    );
    assert!(compute("BR-FIRST --event 2026-12-25T10:20+01:00 -o yaml").stdout.starts_with("---\nduty: BR-FIRST\n"));
}

#[test]
fn every_way_to_state_a_period_gives_its_last_day() {
    for (arguments, expected) in [
        ("--amount 1 --unit month --calendar 1182 --event 2026-01-30 --land DE-BE", "2026-03-02"),
        ("--amount 6 --unit month --roll false --from 2026-12-01", "2027-05-31"),
        ("--amount 5 --unit werktag --saturday-is-werktag false --event 2026-11-23 --land BE", "2026-11-30"),
        ("SCH-INF --amount 2 --event 2026-11-23 --land BE", "2026-11-25"),
        ("AUDIT --ends-before 2027-01-11", "2027-01-10"),
        ("SUB-OBJ --ends-before 2027-05-09 --land BE", "2027-05-07"),
        ("SCH-INF --event 2026-08-07 --land BY --local-holiday peace-festival,assumption-day", "2026-08-14"),
        ("SCH-INF --event 2026-08-07 --land BY --also-holiday 2026-08-10,2026-08-11", "2026-08-17"),
        ("SCH-INF --event 2026-08-07 --land BY", "2026-08-13"),
        // Read on Monday the 30th; four weeks later.
        ("SUB-OBJ --event 2026-11-27T18:00+01:00 --business-hours 09:00-17:00 --land BE", "2026-12-28"),
        ("SUB-OBJ --event 2026-11-27T23:30Z --zone Europe/London --land BE", "2026-12-28"),
        ("SUB-OBJ --event 2026-11-24T23:30Z --zone Europe/London --land BE", "2026-12-22"),
    ] {
        let run = compute(&format!("{arguments} -o json"));
        assert_eq!(run.status, 0, "{arguments}: {}", run.stderr);
        assert_eq!(run.json()[0]["legal"]["lastDay"], expected, "{arguments}");
    }
    let run = compute("AUDIT --ends-before 2027-01-11 --json");
    assert_eq!(run.json()[0]["start"], json!({"event-day": "2026-12-13"}));
}

#[test]
fn what_cannot_be_computed_is_an_error_of_status_2() {
    for (arguments, expected) in [
        ("SCH-INF --event 2026-11-23", "the Land is missing"),
        ("SCH-INF --event 2026-11-23T10:00 --land BE", "failed to find offset"),
        ("SCH-INF --event 2026-11-23 --land XX", "`XX` is no Land, expected one of BB BE"),
        ("SCH-INF --event 2026-11-23 --from 2026-11-23 --land BE", "cannot be used with"),
        ("SCH-INF --land BE", "--event <INSTANT|DATE>"),
        ("SCH --event 2026-11-23", "possible values: SCH-INF"),
        ("--amount 0 --unit day --event 2026-11-23", "--amount"),
        ("--amount 5 --event 2026-11-23", "expected a duty, or --amount and --unit"),
        ("--event 2026-11-23", "expected a duty, or --amount and --unit"),
        ("--amount 5 --unit year --event 2026-11-23", "possible values: hour, day, werktag, week, month"),
        ("BR-FIRST --event 2026-11-23", "needs the instant of its event, found the day 2026-11-23"),
        ("BR-AUTH --from 2026-11-23", "Reg. 1182/71 has no rule like § 187(2) BGB"),
        ("SCH-ASS --event 2050-12-24 --land BE", "public holidays are known from 2000 to 2050"),
        ("SCH-ASS --event 2026-11-23 --land BE --local-holiday corpus-christi", "corpus-christi is no holiday"),
        ("SCH-ASS --event 2026-11-23 --land BE --zone Mars", "`Mars` is no time zone"),
        ("SUB-OBJ --event 2026-11-23 --land BE --business-hours 09:00-17:00", "business hours need"),
        ("SUB-OBJ --event 2026-11-23 --land BE --business-hours 17:00-09:00", "from 17:00:00 to 09:00:00 are none"),
    ] {
        let run = compute(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn all_vectors_pass_the_check() {
    let run = landfall(["clock", "check", &vectors(), "-o", "json"]);
    let lines = run.json();
    assert_eq!((run.status, lines.len()), (0, 68));
    assert!(lines.iter().all(|line| line["ok"] == true));
    assert_eq!(
        lines[46],
        json!({
            "id": "H01",
            "expected": {"due": "2026-11-23T13:15:00+01:00", "dueUtc": "2026-11-23T12:15:00Z"},
            "got": {"due": "2026-11-23T13:15:00+01:00", "dueUtc": "2026-11-23T12:15:00Z"},
            "ok": true,
        })
    );
    let table = landfall(["clock", "check", &vectors()]);
    assert!(table.stdout.ends_with("\n\n68 vectors, 0 mismatches\n"), "{}", table.stdout);
}

#[test]
fn a_mismatch_is_shown_and_is_status_1() {
    let mut file: Value = serde_json::from_slice(&std::fs::read(vectors()).unwrap()).unwrap();
    file["dayPeriods"][0]["lastDayBgb193"] = "2026-12-01".into();
    let text = file.to_string();
    let run = landfall_reading(["clock", "check", "-", "-o", "json"], text.as_bytes());
    let failed: Vec<_> = run.json().into_iter().filter(|line| line["ok"] == false).collect();
    assert_eq!((run.status, failed.len()), (1, 1));
    assert_eq!(failed[0]["got"]["lastDayBgb193"], "2026-11-30");

    let table = landfall_reading(["clock", "check", "-"], text.as_bytes());
    let line = table.stdout.lines().nth(1).unwrap();
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>().join(" "),
        "W01 MISMATCH lastDayBgb193: expected 2026-12-01, got 2026-11-30"
    );
    assert!(table.stdout.ends_with("68 vectors, 1 mismatches\n"));
}

#[test]
fn a_file_that_holds_no_vectors_is_status_2() {
    for (text, expected) in [
        ("", "not a file of vectors: EOF"),
        ("{}", "contains no vectors"),
        ("[]", "contains no vectors"),
        ("7", "not a file of vectors: invalid type"),
        (r#"{"days": []}"#, "unknown field `days`"),
        (r#"{"notice": [{"id": "X"}]}"#, "missing field `kind`"),
        (
            r#"{"notice": [{"id": "X", "kind": "audit-earliest", "input": "2026-13-01", "expected": "2026-12-01"}]}"#,
            "line 1 column",
        ),
    ] {
        let run = landfall_reading(["clock", "check", "-"], text.as_bytes());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(expected), "{text}: {}", run.stderr);
    }
    let run = landfall(["clock", "check", "/nonexistent"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("/nonexistent: cannot be opened"), "{}", run.stderr);
}

#[test]
fn help_has_examples_that_work() {
    for command in ["compute", "check"] {
        let help = landfall(["clock", command, "--help"]);
        let examples: Vec<_> = help.stdout.lines().filter(|line| line.starts_with("  landfall clock ")).collect();
        assert!(!examples.is_empty(), "{}", help.stdout);
        for example in examples {
            let arguments: Vec<_> = example.split_whitespace().skip(1).map(str::to_owned).collect();
            let arguments = arguments.into_iter().map(|a| if a.starts_with("crates/") { path(&a) } else { a });
            assert_eq!(landfall(arguments).status, 0, "{example}");
        }
    }
}
