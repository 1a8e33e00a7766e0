//! A verdict as its record.

use super::{
    CategoriesRecord, GroundRecord, HopRecord, LocationRecord, MissingRecord, NoteRecord, PlaceRecord, ReasonRecord,
    RecordedSetting, VerdictRecord,
};
use crate::{
    Ground, HopVerdict, KnownCategories, Language, LocationFinding, Missing, Note, PlaceVerdict, Reason, Verdict,
};

impl From<&Verdict<'_>> for VerdictRecord {
    fn from(verdict: &Verdict<'_>) -> Self {
        let Verdict {
            outcome,
            bases,
            reasons,
            missing,
            grounds,
            notes,
            categories: KnownCategories { rung, categories },
            sightings,
            location: LocationFinding { jurisdictions, anywhere, certainty },
            chain,
            places,
            at,
            holds_until,
            ruleset,
        } = verdict;
        let categories = categories.iter().cloned().collect();
        Self {
            outcome: (*outcome).into(),
            bases: owned(bases),
            reasons: reasons.iter().map(ReasonRecord::from).collect(),
            missing: missing.iter().map(MissingRecord::from).collect(),
            grounds: grounds.iter().map(GroundRecord::from).collect(),
            notes: notes.iter().map(NoteRecord::from).collect(),
            categories: CategoriesRecord { rung: (*rung).into(), categories },
            sightings: sightings.iter().map(|sighting| (*sighting).clone()).collect(),
            location: LocationRecord {
                jurisdictions: *jurisdictions,
                anywhere: *anywhere,
                certainty: (*certainty).into(),
            },
            chain: chain.iter().map(HopRecord::from).collect(),
            places: places.iter().map(PlaceRecord::from).collect(),
            at: *at,
            holds_until: *holds_until,
            ruleset: (*ruleset).to_owned(),
        }
    }
}

impl From<&Reason<'_>> for ReasonRecord {
    fn from(reason: &Reason<'_>) -> Self {
        let Reason { effect, code, ground } = reason;
        Self { effect: (*effect).into(), code: (*code).into(), ground: ground.into() }
    }
}

impl From<&Missing<'_>> for MissingRecord {
    fn from(missing: &Missing<'_>) -> Self {
        let Missing { code, subject, ground } = missing;
        Self { code: (*code).into(), subject: (*subject).to_owned(), ground: ground.into() }
    }
}

impl From<&Ground<'_>> for GroundRecord {
    fn from(ground: &Ground<'_>) -> Self {
        let Ground { obligation, clause, article, instrument, setting, says } = ground;
        Self {
            obligation: obligation.map(Into::into),
            clause: clause.cloned(),
            article: article.map(ToOwned::to_owned),
            instrument: instrument.map(ToOwned::to_owned),
            setting: setting.map(RecordedSetting::Known),
            says: says.into(),
            text: None,
        }
    }
}

impl From<&Note<'_>> for NoteRecord {
    fn from(note: &Note<'_>) -> Self {
        let Note { code, says } = note;
        Self { code: (*code).into(), says: says.into(), text: None }
    }
}

impl From<&HopVerdict<'_>> for HopRecord {
    fn from(hop: &HopVerdict<'_>) -> Self {
        let HopVerdict { exporter, importer, places, anywhere, outcome, bases } = hop;
        Self {
            exporter: (*exporter).to_owned(),
            importer: (*importer).to_owned(),
            places: *places,
            anywhere: *anywhere,
            outcome: (*outcome).into(),
            bases: owned(bases),
        }
    }
}

impl From<&PlaceVerdict> for PlaceRecord {
    fn from(verdict: &PlaceVerdict) -> Self {
        let PlaceVerdict { outcome, places, anywhere } = *verdict;
        Self { outcome: outcome.into(), places, anywhere }
    }
}

/// Printed as it is kept, with the sentences in English.
impl serde::Serialize for Verdict<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        VerdictRecord::from(self).with_texts(Language::English).serialize(serializer)
    }
}

fn owned<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<String> {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect()
}
