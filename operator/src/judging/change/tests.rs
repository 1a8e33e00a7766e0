use std::path::Path;

use landfall_api::IncidentSpec;
use serde_json::{Value, json};

use super::*;
use crate::{
    fixture::{at, published},
    judging::{
        FIRST, Judge, Overdue,
        tests::{day, with_finding},
    },
};

/// One of each variant, by its key, with every field set.
fn remembered() -> Vec<(String, Remembered)> {
    let published = published();
    let mut judge = Judge::new(day());
    judge.set_written(Arc::default());
    judge.observe(&published, with_finding(1));
    let opened = judge.judge(&published, at(2));
    // More traffic, so that some of it is in no record yet.
    judge.observe(&published, with_finding(3));
    let mut changes = judge.judge(&published, at(4));
    changes.extend(opened);
    let all: Vec<_> = changes.iter().filter_map(Change::remembered).collect();
    let first = |is_it: fn(&Remembered) -> bool| {
        all.iter().find_map(|(key, it)| Some((key.clone(), it.clone().filter(is_it)?))).unwrap()
    };
    let edge = first(|it| matches!(it, Remembered::Edge { .. }));
    let holdings = first(|it| matches!(it, Remembered::Holdings(_)));
    let draft = first(|it| matches!(it, Remembered::Draft(_)));
    let (key, incident) = first(|it| matches!(it, Remembered::Incident(_)));
    let Remembered::Incident(mut incident) = incident else { unreachable!() };
    let Incident { written, overdue, is_closed, .. } = Arc::make_mut(&mut incident);
    let spec = json!({
        "agreementRef": { "name": "crm-processor" }, "firstAwareness": at(2), "discoveredBy": "Alert",
        "nature": { "codes": ["UnregisteredRecipient"], "summary": "traffic to a stranger" },
    });
    *written = Some(serde_json::from_value::<IncidentSpec>(spec).unwrap());
    overdue.push(Overdue { obligation: FIRST.into(), started: at(2), due: at(242) });
    *is_closed = true;
    vec![edge, holdings, (key, Remembered::Incident(incident)), draft]
}

/// The digests depend on the wording of the law and of drafts, which may change.
fn without_digests(mut value: Value) -> Value {
    for path in ["/edge/state/fingerprint", "/draft/digest"] {
        if let Some(digest) = value.pointer_mut(path) {
            assert!(digest.as_str().is_some_and(|it| it.len() == 64), "{digest}");
            *digest = json!("0".repeat(64));
        }
    }
    value
}

#[test]
fn remembered_state_has_pinned_names_on_disk() {
    let mut names = Vec::new();
    for (key, it) in remembered() {
        let text = serde_json::to_string(&it).unwrap();
        let read: Remembered = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let value = without_digests(serde_json::from_str(&text).unwrap());
        let name = value.as_object().unwrap().keys().next().unwrap().clone();
        let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/remembered/{name}.json"));
        let text = serde_json::to_string_pretty(&json!({ "key": key, "value": value })).unwrap() + "\n";
        if std::env::var_os("LANDFALL_UPDATE").is_some() {
            std::fs::write(&expected, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&expected).unwrap_or_default(), "{}", expected.display());
        names.push(name);
    }
    assert_eq!(names, ["edge", "holdings", "incident", "draft"]);
}
