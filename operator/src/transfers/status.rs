use jiff::Timestamp;
use landfall_api::{
    CategorySighting, CodedMessage, Condition, ConditionStatus, Ground, MissingPiece, TransferCategories,
    TransferCoverage, TransferLocation, TransferPayload, TransferReason, TransferStatus, TransferVolume, condition,
};
use landfall_observation::PayloadState;
use landfall_transfer_law::{
    AgreementId, CategoriesRecord, Certainty, Edge, GroundRecord, Language, LocationRecord, MissingRecord,
    ReasonRecord, RecordedSentence, Rung, Sighting, VerdictRecord, Volume,
};
use serde_json::Value;

use crate::{
    clock,
    judging::{
        EdgeView,
        names::{MAX_TEXT, truncate},
    },
    objects::condition::ConditionUpdate,
};

/// Maximum number of reasons, missing things, grounds and bases in the schema.
const MAX_ITEMS: usize = 16;
/// Maximum number of categories and jurisdictions.
const MAX_VALUES: usize = 64;
const MAX_SENTENCE: usize = 1024;
const MAX_CODE: usize = 64;
/// Condition type: other agreements select the workload as well.
const SEVERAL_AGREEMENTS: &str = "SeveralAgreements";
const WORKLOAD_SHARED: &str = "WorkloadShared";

/// The parts of a status whose change is written at once: all but counters and the version of the register.
pub(super) fn without_counters(status: &TransferStatus) -> TransferStatus {
    TransferStatus {
        volume: None,
        payload: None,
        last_seen: None,
        judged_at: None,
        ruleset: None,
        coverage: None,
        ..status.clone()
    }
}

/// The status of an edge that is also judged under `other_agreements`. Conditions keep their transition times from the
/// previous status.
pub(super) fn compute(
    view: &EdgeView,
    other_agreements: &[AgreementId],
    before: Option<&TransferStatus>,
) -> TransferStatus {
    let EdgeView { edge, verdict } = view;
    let VerdictRecord {
        outcome: _,
        bases,
        reasons,
        missing,
        grounds,
        categories,
        sightings,
        location,
        at,
        holds_until,
        ..
    } = &**verdict;
    let mut omitted = Omitted(0);
    TransferStatus {
        observed_generation: Some(1),
        conditions: conditions(other_agreements, before, clock::now()),
        outcome: Some(verdict.outcome()),
        bases: omitted.first(bases.iter().map(|name| truncate(name, MAX_TEXT)), MAX_ITEMS),
        reasons: omitted.first(reasons.iter().map(reason), MAX_ITEMS),
        missing: omitted.first(missing.iter().map(piece), MAX_ITEMS),
        grounds: omitted.first(grounds.iter().map(ground), MAX_ITEMS),
        categories: Some(categories_of(categories, sightings, &mut omitted)),
        location: Some(location_of(location, &mut omitted)),
        volume: Some(TransferVolume {
            bytes_sent: edge.volume.bytes_sent,
            bytes_received: edge.volume.bytes_received,
            estimated_bytes_sent: Some(edge.volume.estimated_bytes_sent).filter(|bytes| *bytes > 0),
            estimated_bytes_received: Some(edge.volume.estimated_bytes_received).filter(|bytes| *bytes > 0),
            connections: edge.volume.connections,
        }),
        payload: Some(payload_of(edge)),
        coverage: coverage(&edge.volume),
        first_seen: Some(edge.first_seen),
        last_seen: Some(edge.last_seen),
        judged_at: Some(*at),
        holds_until: *holds_until,
        ruleset: Some(truncate(&verdict.ruleset, 64)),
        omitted: Some(omitted.0).filter(|count| *count > 0),
    }
}

/// The number of things that did not fit.
struct Omitted(u32);

impl Omitted {
    fn first<T>(&mut self, mut all: impl Iterator<Item = T>, most: usize) -> Vec<T> {
        let first = all.by_ref().take(most).collect();
        self.0 = self.0.saturating_add(u32::try_from(all.count()).unwrap_or(u32::MAX));
        first
    }
}

fn conditions(other_agreements: &[AgreementId], before: Option<&TransferStatus>, now: Timestamp) -> Vec<Condition> {
    let holds = |r#type, reason, message| ConditionUpdate { r#type, status: ConditionStatus::True, reason, message };
    let ready = holds(condition::READY, condition::IN_FORCE, "judged under the ruleset in force".to_owned());
    // Omitted when false, because nearly always only one agreement selects a workload.
    let several = (!other_agreements.is_empty()).then(|| {
        let names = other_agreements.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("the workload is also judged under {names}; its traffic counts once under each");
        holds(SEVERAL_AGREEMENTS, WORKLOAD_SHARED, truncate(&message, MAX_SENTENCE))
    });
    let previous = before.map(|before| before.conditions.as_slice()).unwrap_or_default();
    [Some(ready), several].iter().flatten().map(|update| update.to_condition(previous, Some(1), now)).collect()
}

fn reason(record: &ReasonRecord) -> TransferReason {
    let code = truncate(&record.code.to_string(), MAX_CODE);
    TransferReason { effect: record.effect(), code, ground: ground(&record.ground) }
}

fn piece(record: &MissingRecord) -> MissingPiece {
    MissingPiece {
        code: truncate(&record.code.to_string(), MAX_CODE),
        subject: truncate(&record.subject, MAX_TEXT),
        ground: ground(&record.ground),
    }
}

fn ground(record: &GroundRecord) -> Ground {
    let GroundRecord { obligation, clause, article, instrument, setting, says, text: _ } = record;
    let words = |text: &Option<String>| text.as_ref().map(|text| truncate(text, MAX_TEXT));
    Ground {
        obligation: obligation.as_ref().map(|obligation| truncate(&obligation.to_string(), MAX_CODE)),
        clause: clause.as_ref().map(|clause| truncate(clause.as_str(), MAX_TEXT)),
        article: words(article),
        instrument: words(instrument),
        setting: setting.as_ref().map(|setting| truncate(&setting.to_string(), MAX_CODE)),
        says: message(says),
        text: truncate(&says.in_language(Language::English), MAX_SENTENCE),
    }
}

/// The code with its arguments, bounded because some are texts from outside.
fn message(says: &RecordedSentence) -> Option<CodedMessage> {
    let message: CodedMessage = serde_json::from_value(serde_json::to_value(says).ok()?).ok()?;
    let arguments = message.arguments.into_iter().map(|(name, value)| (name, bounded(value))).collect();
    Some(CodedMessage { arguments, ..message })
}

fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(truncate(&text, MAX_TEXT)),
        Value::Array(items) => items.into_iter().take(MAX_ITEMS).map(bounded).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, bounded(value))).collect(),
        other => other,
    }
}

fn categories_of(record: &CategoriesRecord, sightings: &[Sighting], omitted: &mut Omitted) -> TransferCategories {
    let rung = record.rung.known().copied().unwrap_or(Rung::None);
    let mut earliest_first: Vec<_> = sightings.iter().collect();
    earliest_first.sort_by_key(|sighting| (sighting.seen.first, *sighting));
    TransferCategories {
        rung,
        values: omitted.first(record.categories.iter().cloned(), MAX_VALUES),
        sightings: omitted.first(earliest_first.into_iter().map(sighting_of), MAX_ITEMS),
    }
}

/// Without the time it was last seen, which changes with the traffic and is in the ledger.
fn sighting_of(sighting: &Sighting) -> CategorySighting {
    let Sighting { category, seen } = sighting;
    let place = seen.place.as_ref();
    CategorySighting {
        category: category.clone(),
        since: seen.first,
        direction: place.map(|place| place.direction),
        recipient: place.map(|place| truncate(&place.recipient, MAX_TEXT)),
        endpoint: place.map(|place| truncate(&place.endpoint, 63)).filter(|name| !name.is_empty()),
        port: place.map(|place| place.port).filter(|port| *port > 0),
    }
}

fn location_of(record: &LocationRecord, omitted: &mut Omitted) -> TransferLocation {
    let certainty = record.certainty.known().copied().unwrap_or(Certainty::Unknown);
    let jurisdictions = omitted.first(record.jurisdictions.iter(), MAX_VALUES);
    TransferLocation { jurisdictions, anywhere: record.anywhere, certainty }
}

fn payload_of(edge: &Edge) -> TransferPayload {
    let bytes = |state: PayloadState| edge.volume.payload.get(&state).copied().unwrap_or_default();
    TransferPayload {
        inspected: bytes(PayloadState::Inspected),
        plaintext_not_read: bytes(PayloadState::PlaintextNotRead),
        encrypted: bytes(PayloadState::Encrypted),
        not_recognised: bytes(PayloadState::NotRecognised),
        readers: edge.channel.readers.iter().map(|reader| truncate(reader, 64)).collect(),
    }
}

fn coverage(volume: &Volume) -> Option<TransferCoverage> {
    let &Volume { samples_dropped, frames_truncated, one_sided, .. } = volume;
    let coverage = TransferCoverage { samples_dropped, frames_truncated, one_sided };
    (coverage != TransferCoverage::default()).then_some(coverage)
}
