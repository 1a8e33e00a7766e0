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
        names::{LONGEST, short},
    },
    objects::condition::ConditionUpdate,
};

/// Most reasons, missing things, grounds and bases, as the schema has it.
const MOST: usize = 16;
/// Most categories and jurisdictions.
const MOST_VALUES: usize = 64;
const LONGEST_SENTENCE: usize = 1024;
const LONGEST_CODE: usize = 64;
/// A condition: other agreements select the workload, too.
const SEVERAL_AGREEMENTS: &str = "SeveralAgreements";
const WORKLOAD_SHARED: &str = "WorkloadShared";

/// What of a status changed if it is to be written at once: all but figures, and which version of the register said so.
pub(super) fn substance(status: &TransferStatus) -> TransferStatus {
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

/// The status of a view, whose workload is judged under the agreements `beside`, too. Its conditions keep their times from
/// the status before.
pub(super) fn compute(view: &EdgeView, beside: &[AgreementId], before: Option<&TransferStatus>) -> TransferStatus {
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
        conditions: conditions(beside, before, clock::now()),
        outcome: Some(verdict.outcome()),
        bases: omitted.first(bases.iter().map(|name| short(name, LONGEST)), MOST),
        reasons: omitted.first(reasons.iter().map(reason), MOST),
        missing: omitted.first(missing.iter().map(piece), MOST),
        grounds: omitted.first(grounds.iter().map(ground), MOST),
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
        ruleset: Some(short(&verdict.ruleset, 64)),
        omitted: Some(omitted.0).filter(|count| *count > 0),
    }
}

/// How many things did not fit.
struct Omitted(u32);

impl Omitted {
    fn first<T>(&mut self, mut all: impl Iterator<Item = T>, most: usize) -> Vec<T> {
        let first = all.by_ref().take(most).collect();
        self.0 = self.0.saturating_add(u32::try_from(all.count()).unwrap_or(u32::MAX));
        first
    }
}

fn conditions(beside: &[AgreementId], before: Option<&TransferStatus>, now: Timestamp) -> Vec<Condition> {
    let holds = |r#type, reason, message| ConditionUpdate { r#type, status: ConditionStatus::True, reason, message };
    let ready = holds(condition::READY, condition::IN_FORCE, "judged under the ruleset in force".to_owned());
    // Said only where it is so: nearly everywhere one agreement alone selects a workload.
    let several = (!beside.is_empty()).then(|| {
        let names = beside.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("the workload is judged under {names}, too; its traffic counts once under each");
        holds(SEVERAL_AGREEMENTS, WORKLOAD_SHARED, short(&message, LONGEST_SENTENCE))
    });
    let previous = before.map(|before| before.conditions.as_slice()).unwrap_or_default();
    [Some(ready), several].iter().flatten().map(|update| update.following(previous, Some(1), now)).collect()
}

fn reason(record: &ReasonRecord) -> TransferReason {
    let code = short(&record.code.to_string(), LONGEST_CODE);
    TransferReason { effect: record.effect(), code, ground: ground(&record.ground) }
}

fn piece(record: &MissingRecord) -> MissingPiece {
    MissingPiece {
        code: short(&record.code.to_string(), LONGEST_CODE),
        subject: short(&record.subject, LONGEST),
        ground: ground(&record.ground),
    }
}

fn ground(record: &GroundRecord) -> Ground {
    let GroundRecord { obligation, clause, article, instrument, setting, says, text: _ } = record;
    let words = |text: &Option<String>| text.as_ref().map(|text| short(text, LONGEST));
    Ground {
        obligation: obligation.as_ref().map(|obligation| short(&obligation.to_string(), LONGEST_CODE)),
        clause: words(clause),
        article: words(article),
        instrument: words(instrument),
        setting: setting.as_ref().map(|setting| short(&setting.to_string(), LONGEST_CODE)),
        says: message(says),
        text: short(&says.in_language(Language::English), LONGEST_SENTENCE),
    }
}

/// The code with its arguments, bounded: some are texts of strangers.
fn message(says: &RecordedSentence) -> Option<CodedMessage> {
    let message: CodedMessage = serde_json::from_value(serde_json::to_value(says).ok()?).ok()?;
    let arguments = message.arguments.into_iter().map(|(name, value)| (name, bounded(value))).collect();
    Some(CodedMessage { arguments, ..message })
}

fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(short(&text, LONGEST)),
        Value::Array(items) => items.into_iter().take(MOST).map(bounded).collect(),
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
        values: omitted.first(record.categories.iter().cloned(), MOST_VALUES),
        sightings: omitted.first(earliest_first.into_iter().map(sighting_of), MOST),
    }
}

/// When it was seen last is left out: that moves with the traffic, and is in the ledger.
fn sighting_of(sighting: &Sighting) -> CategorySighting {
    let Sighting { category, seen } = sighting;
    let place = seen.place.as_ref();
    CategorySighting {
        category: category.clone(),
        since: seen.first,
        direction: place.map(|place| place.direction),
        recipient: place.map(|place| short(&place.recipient, LONGEST)),
        endpoint: place.map(|place| short(&place.endpoint, 63)).filter(|name| !name.is_empty()),
        port: place.map(|place| place.port).filter(|port| *port > 0),
    }
}

fn location_of(record: &LocationRecord, omitted: &mut Omitted) -> TransferLocation {
    let certainty = record.certainty.known().copied().unwrap_or(Certainty::Unknown);
    let jurisdictions = omitted.first(record.jurisdictions.iter(), MOST_VALUES);
    TransferLocation { jurisdictions, anywhere: record.anywhere, certainty }
}

fn payload_of(edge: &Edge) -> TransferPayload {
    let bytes = |state: PayloadState| edge.volume.payload.get(&state).copied().unwrap_or_default();
    TransferPayload {
        inspected: bytes(PayloadState::Inspected),
        plaintext_not_read: bytes(PayloadState::PlaintextNotRead),
        encrypted: bytes(PayloadState::Encrypted),
        not_recognised: bytes(PayloadState::NotRecognised),
        readers: edge.channel.readers.iter().map(|reader| short(reader, 64)).collect(),
    }
}

fn coverage(volume: &Volume) -> Option<TransferCoverage> {
    let &Volume { samples_dropped, frames_truncated, one_sided, .. } = volume;
    let coverage = TransferCoverage { samples_dropped, frames_truncated, one_sided };
    (coverage != TransferCoverage::default()).then_some(coverage)
}
