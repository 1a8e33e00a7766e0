use clap::{CommandFactory as _, FromArgMatches as _, Parser as _};
use jiff::{Timestamp, tz::TimeZone};

use super::{plan::Change, *};
use crate::kubectl::{Plugin, cluster::Kubectl};

const INCIDENTS: &str = include_str!("../../../testdata/cluster/incidents.yaml");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The Incident of that name: known at 08:00, its clocks end at 12:00 and 20:00.
fn incident(name: &str) -> Incident {
    let instants =
        [("KNOWN", "2026-11-23T08:00:00Z"), ("FOUR", "2026-11-23T12:00:00Z"), ("TWELVE", "2026-11-23T20:00:00Z")];
    let names = [("AGREED", "privacy"), ("WORK", "crm")];
    let text = instants.iter().chain(&names).fold(INCIDENTS.to_owned(), |text, (from, to)| text.replace(from, to));
    let mut all = text.split("\n---\n").map(|document| serde_saphyr::from_str::<Incident>(document).unwrap());
    all.find(|incident| incident.metadata.name.as_deref() == Some(name)).unwrap()
}

const OPEN: &str = "sync-acme-example-0a1b2c3d4e";

fn context(now: &str) -> DisplayContext {
    DisplayContext { locale: Locale::ENGLISH, zone: TimeZone::UTC, now: at(now), kubectl: Kubectl::default() }
}

/// The plan for a command line at 10:00.
fn plan(incident: &Incident, line: &[&str]) -> anyhow::Result<Plan> {
    let words = ["kubectl-landfall", "incident"].iter().chain(line);
    let Plugin { command: crate::kubectl::Command::Incident(command), .. } = Plugin::try_parse_from(words)? else {
        panic!("{line:?}")
    };
    let context = context("2026-11-23T10:00:00.5Z");
    match command.action {
        Action::Triage(triage) => triage.plan(incident, &context),
        Action::Report(report) => report.plan(incident, &context),
        Action::Close(close) => close.plan(incident, &context),
    }
}

/// The change and what is said; the same line once it is written changes nothing.
fn written(incident: &mut Incident, line: &[&str]) -> (Value, String) {
    let Plan::Write { change, text } = plan(incident, line).unwrap() else { panic!("{line:?}") };
    let mut object = serde_json::to_value(&*incident).unwrap();
    let spec = change.apply_to(&object["spec"]);
    for (field, value) in spec.as_object().unwrap() {
        object["spec"][field] = value.clone();
    }
    *incident = serde_json::from_value(object).unwrap();
    assert!(matches!(plan(incident, line).unwrap(), Plan::Unchanged(_)), "{line:?}");
    (spec, text)
}

fn refused(incident: &Incident, line: &[&str]) -> String {
    plan(incident, line).unwrap_err().to_string()
}

#[test]
fn a_report_is_recorded_once_and_what_is_owed_next_is_said() {
    let mut incident = incident(OPEN);
    let line = ["report", OPEN, "--first", "--sent-at", "now", "--by", "privacy office"];
    let (spec, text) = written(&mut incident, &line);
    assert_eq!(
        spec,
        json!({ "reports": [
            { "name": "first", "stage": "FirstStatus", "sentAt": "2026-11-23T10:00:00Z", "by": "privacy office" }
        ] })
    );
    assert_eq!(
        text,
        format!(
            "Incident privacy/{OPEN}: recorded report first (first status message), sent 2026-11-23T10:00:00+00:00, in time \
             (due 2026-11-23T12:00:00+00:00)\nstill to be sent: full report, 2026-11-23T20:00:00+00:00, 9 h 59 min left\n  \
             kubectl landfall incident report {OPEN} -n privacy --full --sent-at now"
        )
    );
    // What was not known before is added; what contradicts is not written.
    let received = "2026-11-23T10:00:00.2Z";
    let (spec, _) = written(&mut incident, &["report", OPEN, "--first", "--sent-at", "now", "--received-at", received]);
    assert_eq!(spec["reports"][0]["by"], "privacy office");
    assert_eq!(spec["reports"][0]["receivedAt"], received);
    let other = ["report", OPEN, "--first", "--sent-at", "2026-11-23T09:00:00Z"];
    assert_eq!(
        refused(&incident, &other),
        format!(
            "Incident privacy/{OPEN}: report first is already recorded with different content (sent \
             2026-11-23T10:00:00+00:00); nothing was changed. --replace overwrites it"
        )
    );
    let (spec, _) = written(&mut incident, &[&other[..], &["--replace"]].concat());
    assert_eq!(spec["reports"][0]["sentAt"], "2026-11-23T09:00:00Z");
    // A second one of the stage has a name of its own.
    let (spec, _) =
        written(&mut incident, &[&other[..3], &["--sent-at", "2026-11-23T09:30:00Z", "--name", "again"]].concat());
    assert_eq!(spec["reports"].as_array().unwrap().len(), 2);
    let (_, text) = written(&mut incident, &["report", OPEN, "--full", "--sent-at", "2026-11-23T09:40:00Z"]);
    assert!(text.contains("kubectl landfall incident close"), "{text}");
    let supplement = ["report", OPEN, "--supplement", "--sent-at"];
    for sent_at in ["2026-11-23T09:50:00Z", "2026-11-23T09:55:00Z"] {
        written(&mut incident, &[&supplement[..], &[sent_at]].concat());
    }
    let names: Vec<_> = incident.spec.reports.iter().map(|report| report.name.as_str()).collect();
    assert_eq!(names, ["first", "again", "full", "supplement", "supplement-2"]);
}

#[test]
fn a_report_that_would_stop_no_clock_is_refused() {
    let incident = incident(OPEN);
    let report = |sent_at| refused(&incident, &["report", OPEN, "--first", "--sent-at", sent_at]);
    assert_eq!(report("2026-11-23T10:00:01Z"), "--sent-at 2026-11-23T10:00:01+00:00 is in the future");
    assert!(report("2026-11-23T07:59:59Z").contains("before the breach was known (2026-11-23T08:00:00+00:00)"));
    assert!(report("10:00").contains("expected now, or an instant with its zone"));
    for (line, expected) in [
        (&["report", OPEN, "--sent-at", "now"][..], "--first"),
        (&["report", OPEN, "--first", "--full", "--sent-at", "now"], "cannot be used with"),
        (&["report", OPEN, "--first"], "--sent-at <TIME>"),
        (&["report", OPEN, "--first", "--sent-at", "now", "--by", " "], "a text of your own"),
        (&["report", OPEN, "--first", "--sent-at", "now", "--sha256", "ab"], "64 hexadecimal digits"),
        (&["report", OPEN, "--first", "--sent-at", "now", "--received-at", "2026-11-23T09:00:00Z"], "before --sent-at"),
        (&["close", OPEN, "--reasoning", "r", "--by", "office"], "--measures <TEXT>"),
        (&["close", OPEN, "--measures", "WHAT", "--reasoning", "r", "--by", "office"], "a text of your own"),
        (&["triage", OPEN, "--result", "maybe", "--reasons", "r", "--by", "office"], "no-breach"),
    ] {
        let told = refused(&incident, line);
        assert!(told.contains(expected), "{line:?}: {told}");
    }
}

#[test]
fn a_late_report_is_called_late_and_the_full_one_counts_as_both() {
    let mut incident = incident("old-export");
    let line = ["report", "old-export", "--full", "--sent-at", "2026-11-22T21:00:00Z"];
    let (spec, text) = written(&mut incident, &line);
    // An entry of that name is there, of another stage.
    assert_eq!(spec["reports"][1]["name"], "full-2");
    assert!(text.contains("LATE (due 2026-11-22T20:00:00+00:00)"), "{text}");
    assert!(text.contains("the Incident stays open until it is closed"), "{text}");
    let named = refused(&incident, &[&line[..], &["--name", "full"]].concat());
    assert!(named.contains("belongs to another stage; choose another --name"), "{named}");
}

#[test]
fn a_triage_and_a_closing_are_written_once_and_replaced_only_when_asked() {
    let mut incident = incident(OPEN);
    let triage = ["triage", OPEN, "--result", "no-breach", "--reasons", "a test host of ours", "--by", "office"];
    let (spec, text) = written(&mut incident, &triage);
    let expected =
        json!({ "result": "NoBreach", "reasons": "a test host of ours", "by": "office", "at": "2026-11-23T10:00:00Z" });
    assert_eq!(spec, json!({ "triage": expected }));
    assert!(text.contains("the clocks run until the Incident is closed\n  kubectl landfall incident close"), "{text}");
    let mut other = triage;
    other[3] = "personal-data-breach";
    assert!(refused(&incident, &other).contains("already triaged as NoBreach by office"));
    let close =
        ["close", OPEN, "--measures", "none", "--measures", "named", "--reasoning", "it is ours", "--by", "office"];
    let (spec, text) = written(&mut incident, &close);
    assert_eq!(spec["closing"]["measures"], json!(["none", "named"]));
    assert!(text.ends_with("nothing more is due"), "{text}");
    // A breach after all: then it stays open while reports are owed.
    let (_, text) = written(&mut incident, &[&other[..], &["--replace"]].concat());
    assert!(text.contains("still to be sent: first status message"), "{text}");
    let mut anew = close;
    anew[7] = "it is theirs";
    assert!(refused(&incident, &anew).contains("already closed by office"));
    let (_, text) = written(&mut incident, &[&anew[..], &["--replace"]].concat());
    assert!(text.contains("still to be sent: first status message"), "{text}");
}

/// Clocks of a breach that came back run from its return: what was written before counts no more.
#[test]
fn what_was_written_before_it_came_back_is_another_breach() {
    let mut incident = incident("lost-laptop");
    let status = incident.status.as_mut().unwrap();
    for clock in [status.first_report.as_mut(), status.full_report.as_mut()].into_iter().flatten() {
        (clock.started, clock.stopped) = (at("2026-11-23T08:00:00Z"), None);
        clock.due = at("2026-11-23T12:00:00Z");
    }
    for condition in &mut status.conditions {
        condition.status = landfall_api::ConditionStatus::True;
        condition.reason = "Running".to_owned();
    }
    let close = ["close", "lost-laptop", "--measures", "again", "--reasoning", "r", "--by", "office"];
    written(&mut incident, &close);
    let (spec, _) = written(&mut incident, &["report", "lost-laptop", "--first", "--sent-at", "now"]);
    let names: Vec<_> = spec["reports"].as_array().unwrap().iter().map(|report| &report["name"]).collect();
    assert_eq!(names, ["first", "full", "first-2"]);
}

/// Fields of a later version, and entries of others, stay as they are.
#[test]
fn a_change_keeps_what_it_does_not_know() {
    let spec = json!({ "reports": [{ "name": "a", "later": 1 }, { "name": "b", "sentAt": "x" }] });
    let change = |name: &str| Change::Report { name: name.to_owned(), fields: json!({ "name": name, "sentAt": "y" }) };
    assert_eq!(
        change("b").apply_to(&spec),
        json!({ "reports": [{ "name": "a", "later": 1 }, { "name": "b", "sentAt": "y" }] })
    );
    assert_eq!(change("a").apply_to(&spec)["reports"][0], json!({ "name": "a", "later": 1, "sentAt": "y" }));
    assert_eq!(change("c").apply_to(&json!({})), json!({ "reports": [{ "name": "c", "sentAt": "y" }] }));
}

#[test]
fn a_dry_run_is_asked_for_as_kubectl_has_it() {
    let dry = |flags: &[&str]| {
        let words = ["kubectl-landfall", "incident", "report", OPEN, "--first", "--sent-at", "now"].iter().chain(flags);
        let matches = Plugin::command().try_get_matches_from(words)?;
        let plugin = Plugin::from_arg_matches(&matches)?;
        let crate::kubectl::Command::Incident(IncidentCommand { action: Action::Report(report) }) = plugin.command
        else {
            panic!("{flags:?}")
        };
        Ok::<_, clap::Error>(report.target.dry_run == Some(DryRun::Server))
    };
    assert!(!dry(&[]).unwrap());
    assert!(dry(&["--dry-run"]).unwrap());
    assert!(dry(&["--dry-run=server"]).unwrap());
    assert!(dry(&["--dry-run=client"]).is_err());
}
