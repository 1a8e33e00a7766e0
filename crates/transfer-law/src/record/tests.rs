use landfall_observation::{DataCategory, Recorded};
use serde_json::{Value, json};

use super::*;
use crate::{Sentence, VerdictRecord, explain, explain_record, fixture::*, judge_over};

/// Judgments of many kinds, with their edges.
fn judgments() -> Vec<(Edge, JudgmentRecord)> {
    let mut whole = american();
    whole.bases.push(scc("Acme Inc."));
    whole.assessments.insert("tia".to_owned(), tia("Acme Inc."));
    let mut lacking = american();
    lacking.bases.push(scc("Acme Inc."));
    lacking.assessments.clear();
    let seen_there = seen(to_stranger(), &[DataCategory::NAME]);
    let edges = [to_acme(), to_stranger(), seen_there, located(to_acme(), Some("CN")), located(to_acme(), None)];
    let mut judgments = Vec::new();
    for rules in [american(), whole, lacking] {
        for edge in &edges {
            let judged = judge_over(&rules, edge, Interval::from_edge(edge));
            judgments.extend(judged.iter().map(|judgment| (edge.clone(), JudgmentRecord::new(edge, judgment))));
        }
    }
    judgments
}

#[test]
fn a_judgment_is_read_as_it_was_kept() {
    let mut statements = 0;
    for (_, kept) in judgments() {
        let line = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<JudgmentRecord>(&line).unwrap(), kept);
        let VerdictRecord { reasons, missing, grounds, notes, .. } = &*kept.verdict;
        statements += reasons.len() + missing.len() + grounds.len() + notes.len();
    }
    assert!(statements > 20, "{statements}");
}

#[test]
fn what_is_kept_is_data_and_no_text() {
    let mut edge = to_acme();
    edge.categories.seen.insert(DataCategory::NAME);
    let rules = american();
    let judged = judge_over(&rules, &edge, Interval::from_edge(&edge));
    let kept = serde_json::to_value(JudgmentRecord::new(&edge, &judged[0])).unwrap();
    let arguments = json!({ "exporter": "Processor GmbH", "importer": "Acme Inc.", "place": "US" });
    let says = json!({ "code": "NoBasis", "arguments": arguments });
    let reason = json!({
        "effect": "Unlawful", "code": "NoBasis", "obligation": "TRF-GATE", "article": "Art. 44 GDPR", "says": says,
    });
    assert_eq!(kept["verdict"]["reasons"], json!([reason]));
    assert_eq!(kept["program"], env!("CARGO_PKG_VERSION"));
    // When printed, it also has its sentence.
    let printed = serde_json::to_value(&judged[0].verdict).unwrap();
    let text = "no basis covers Processor GmbH → Acme Inc. in US";
    assert_eq!(printed["reasons"][0]["text"], text);
    assert_eq!(printed["reasons"][0]["says"], says);
}

#[test]
fn a_kept_judgment_is_explained_as_it_was_when_it_was_made() {
    let rules = american();
    for language in [Language::English, Language::German] {
        for edge in [to_acme(), to_stranger(), located(to_acme(), Some("CN"))] {
            for judgment in judge_over(&rules, &edge, Interval::from_edge(&edge)) {
                let line = serde_json::to_string(&JudgmentRecord::new(&edge, &judgment)).unwrap();
                let kept: JudgmentRecord = serde_json::from_str(&line).unwrap();
                let explained = explain_record(&kept.edge, kept.traffic.bytes_sent, &kept.verdict, language);
                assert_eq!(explained, explain(&edge, &judgment.verdict, language));
            }
        }
    }
}

#[test]
fn what_a_later_version_wrote_shows_itself() {
    let (_, kept) = judgments().into_iter().find(|(_, kept)| !kept.verdict.reasons.is_empty()).unwrap();
    let mut value = serde_json::to_value(&kept).unwrap();
    let verdict = &mut value["verdict"];
    verdict["outcome"] = json!("Tolerated");
    verdict["categories"]["rung"] = json!("inferred");
    verdict["location"]["certainty"] = json!("sworn");
    let reason = &mut verdict["reasons"][0];
    reason["code"] = json!("NewReason");
    reason["effect"] = json!("Tolerated");
    reason["obligation"] = json!("NEW-DUTY");
    reason["setting"] = json!({ "name": "newSetting", "value": 7 });
    reason["says"] = json!({ "code": "NewCode", "arguments": { "importer": "Acme Inc.", "days": 3 } });
    let kept: JudgmentRecord = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(kept.verdict.outcome(), Outcome::Unknown);
    assert_eq!(kept.verdict.reasons[0].code, Recorded::Unknown("NewReason".to_owned()));
    assert_eq!(kept.verdict.reasons[0].effect(), Outcome::Unknown);
    assert_eq!(serde_json::to_value(&kept).unwrap(), value);
    for language in [Language::English, Language::German] {
        let explained = explain_record(&kept.edge, 0, &kept.verdict, language).join("\n");
        for part in ["Tolerated", "inferred", "NewCode: days=3, importer=\"Acme Inc.\"", "NEW-DUTY", "newSetting: 7"] {
            assert!(
                explained.contains(&part.replace('"', "\\\"")) || explained.contains(part),
                "{part} in {explained}"
            );
        }
    }
}

/// Codes, and the names of their arguments, are kept for good: lines may be added to the file, none changed.
#[test]
fn codes_are_only_ever_added() {
    let codes: Vec<String> = Sentence::CODES
        .iter()
        .map(|(code, arguments)| {
            let arguments = arguments.iter().map(|argument| format!(" {}", camel_case(argument)));
            format!("{code}{}", arguments.collect::<String>())
        })
        .collect();
    let pinned = include_str!("../../testdata/codes.txt");
    let pinned: Vec<_> = pinned.lines().filter(|line| !line.starts_with('#')).collect();
    let mut unpinned: Vec<_> = codes.iter().map(String::as_str).filter(|code| !pinned.contains(code)).collect();
    unpinned.extend(pinned.iter().filter(|code| !codes.iter().any(|known| known == *code)));
    assert_eq!(unpinned, Vec::<&str>::new(), "in one of code and file only");
}

/// As serde writes a field.
fn camel_case(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

#[test]
fn an_argument_that_is_missing_makes_the_code_unknown() {
    let value = json!({ "code": "NoBasis", "arguments": { "exporter": "Processor GmbH" } });
    let read: RecordedSentence = serde_json::from_value(value.clone()).unwrap();
    assert!(matches!(&read, RecordedSentence::Unknown { code, .. } if code == "NoBasis"));
    assert_eq!(serde_json::to_value(&read).unwrap(), value);
    assert!(serde_json::from_value::<RecordedSentence>(Value::Null).is_err());
}
