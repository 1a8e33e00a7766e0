//! What must come out of a case. All lists are exact: what is not named must not be there.

use std::collections::BTreeSet;

use landfall_transfer_law::{Ground, NoteCode, Verdict};
use serde::Deserialize;

/// What must come out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Expected {
    outcome: String,
    /// Names of the bases that carry it, in any order.
    #[serde(default)]
    bases: BTreeSet<String>,
    #[serde(default)]
    reasons: Vec<ExpectedReason>,
    #[serde(default)]
    missing: Vec<ExpectedMissing>,
    /// Notes. `LocationUncorroborated`, which stands wherever no evidence about the place is given,
    /// may be left out.
    #[serde(default)]
    notes: BTreeSet<String>,
    /// Interpretation settings that decided something.
    #[serde(default)]
    settings: BTreeSet<String>,
    /// How the categories are known, and which they are, if it matters.
    rung: Option<String>,
    categories: Option<BTreeSet<String>>,
    /// Sentences of the explanation in English or German, if they matter.
    #[serde(default)]
    pub(super) says: Vec<String>,
    /// The places that count for the first hop, if they matter.
    places: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectedReason {
    code: String,
    /// Clause of the agreement, if it matters.
    clause: Option<String>,
    /// What the cited article must begin with, if it matters.
    article: Option<String>,
    /// Name of the instrument, if it matters.
    instrument: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectedMissing {
    code: String,
    /// Of what, if it matters.
    subject: Option<String>,
}

impl Expected {
    /// In what `verdict` differs.
    pub(super) fn differences(&self, verdict: &Verdict<'_>) -> Vec<String> {
        let mut found = Vec::new();
        let outcome = format!("{:?}", verdict.outcome);
        if outcome != self.outcome {
            found.push(format!("outcome: expected {}, got {outcome}", self.outcome));
        }
        let known = &verdict.categories;
        let rung = format!("{:?}", known.rung);
        if self.rung.as_ref().is_some_and(|expected| *expected != rung) {
            found.push(format!("rung: expected {:?}, got {rung}", self.rung));
        }
        if let Some(expected) = &self.categories {
            same("categories", expected, &known.categories.iter().map(ToString::to_string).collect(), &mut found);
        }
        let bases = verdict.bases.iter().map(ToOwned::to_owned).collect();
        same("bases", &self.bases, &bases, &mut found);
        pair("reason", &self.reasons, &verdict.reasons, |expected, reason| expected.fits(reason), &mut found);
        pair("missing", &self.missing, &verdict.missing, |expected, missing| expected.fits(missing), &mut found);
        let optional = format!("{:?}", NoteCode::LocationUncorroborated);
        let notes = verdict.notes.iter().map(|note| format!("{:?}", note.code));
        let notes = notes.filter(|note| *note != optional || self.notes.contains(note)).collect();
        same("notes", &self.notes, &notes, &mut found);
        let reasons = verdict.reasons.iter().map(|reason| &reason.ground);
        let missing = verdict.missing.iter().map(|missing| &missing.ground);
        let grounds = reasons.chain(missing).chain(&verdict.grounds);
        let settings =
            grounds.filter_map(|Ground { setting, .. }| setting.map(|setting| setting.to_string())).collect();
        same("settings", &self.settings, &settings, &mut found);
        if let Some(places) = &self.places {
            let location = &verdict.location;
            let mut got: BTreeSet<String> = location.jurisdictions.iter().map(|place| place.to_string()).collect();
            got.extend(location.anywhere.then(|| "anywhere".to_owned()));
            same("places", places, &got, &mut found);
        }
        found
    }
}

impl ExpectedReason {
    fn fits(&self, reason: &landfall_transfer_law::Reason<'_>) -> bool {
        let Ground { clause, article, instrument, .. } = reason.ground;
        self.code == format!("{:?}", reason.code)
            && self.clause.as_deref().is_none_or(|expected| clause.is_some_and(|clause| clause.as_str() == expected))
            && self.article.as_deref().is_none_or(|expected| article.is_some_and(|text| text.starts_with(expected)))
            && self.instrument.as_deref().is_none_or(|expected| instrument == Some(expected))
    }
}

impl ExpectedMissing {
    fn fits(&self, missing: &landfall_transfer_law::Missing<'_>) -> bool {
        self.code == format!("{:?}", missing.code)
            && self.subject.as_deref().is_none_or(|expected| missing.subject == expected)
    }
}

fn same(what: &str, expected: &BTreeSet<String>, got: &BTreeSet<String>, found: &mut Vec<String>) {
    if expected != got {
        found.push(format!("{what}: expected {expected:?}, got {got:?}"));
    }
}

/// Each expected item must fit one of the verdict, and none may be left.
fn pair<E: std::fmt::Debug, G: std::fmt::Debug>(
    what: &str,
    expected: &[E],
    got: &[G],
    fits: impl Fn(&E, &G) -> bool,
    found: &mut Vec<String>,
) {
    let mut left: Vec<&G> = got.iter().collect();
    for item in expected {
        match left.iter().position(|candidate| fits(item, candidate)) {
            Some(index) => drop(left.remove(index)),
            None => found.push(format!("{what}: expected {item:?}")),
        }
    }
    found.extend(left.into_iter().map(|item| format!("{what}: not expected {item:?}")));
}
