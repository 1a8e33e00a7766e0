use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use landfall_observation::PayloadState;
use landfall_transfer_law::{
    Citation, Counterpart, Edge, LocationFinding, NoteCode, Obligation, Outcome, Reason, Sentence, Verdict,
};

use super::top::Top;
use crate::{
    cells::{self, bytes, heading, in_brackets, outcome_style},
    judging::Transfer,
    locale::Locale,
    output::{Grid, Screen, Table},
};

/// The most characters of a recipient's name and of the reasons, unless nothing is to be cut.
const MAX_RECIPIENT: usize = 36;
pub(super) const MAX_WHY: usize = 84;

/// The judged transfers that carry personal data, one per line, the worst verdict first.
#[derive(Default)]
pub(crate) struct TransferTable {
    rows: Top<(Reverse<Outcome>, [String; 8])>,
    /// The number of transfers with each outcome, shown or not.
    counts: BTreeMap<Reverse<Outcome>, usize>,
    payload: BTreeMap<PayloadState, u64>,
    readers: BTreeSet<String>,
    notes: Vec<String>,
}

impl Table for TransferTable {
    type Row<'a> = Transfer<'a>;

    fn push(&mut self, transfer: &Transfer<'_>) {
        let Transfer { edge, verdict, .. } = transfer;
        *self.counts.entry(Reverse(verdict.outcome)).or_default() += 1;
        for (state, sent) in &edge.volume.payload {
            *self.payload.entry(*state).or_default() += sent;
        }
        self.readers.extend(edge.channel.readers.iter().cloned());
        if verdict.outcome == Outcome::NotPersonal {
            return;
        }
        let row = [
            verdict.outcome.to_string(),
            edge.id.exporter.short(),
            recipient(&edge.counterpart),
            place(&edge.counterpart, &verdict.location),
            data(verdict),
            bytes(edge.volume.bytes_sent),
            payload(edge),
            why(verdict),
        ];
        self.rows.push((Reverse(verdict.outcome), row));
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn render(&self, screen: Screen) -> String {
        let headings = heading::headings(
            [
                heading::VERDICT,
                heading::EXPORTER,
                heading::RECIPIENT,
                heading::WHERE,
                heading::DATA,
                heading::SENT,
                heading::PAYLOAD,
                heading::WHY,
            ],
            Locale::ENGLISH,
        );
        let mut grid = Grid::new(screen, &headings).align_right(&[5]).keep_whole(&[0]);
        for (Reverse(outcome), row) in self.rows.sorted() {
            let [verdict, exporter, recipient, place, data, sent, payload, why] = row;
            let (recipient, why) = (screen.short(recipient, MAX_RECIPIENT), screen.short(why, MAX_WHY));
            let cells = [verdict, exporter, &recipient, place, data, sent, payload, &why];
            grid.push_styled(cells, 0, outcome_style(Some(*outcome)));
        }
        let body = format!("{}{}", grid.cut(), self.rows.overflow());
        let below = [self.summary()].into_iter().chain(self.payload_line()).chain(self.notes.iter().cloned());
        format!("{body}\n\n{}", below.collect::<Vec<_>>().join("\n"))
    }
}

impl TransferTable {
    /// How much was sent, by what became of the payload; with the names of the protocols whose payload is read.
    fn payload_line(&self) -> Option<String> {
        let readers = self.readers.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let part = |state: PayloadState| {
            let sent = self.payload.get(&state)?;
            let readers = if state == PayloadState::Inspected { in_brackets(&readers) } else { String::new() };
            Some(format!("{} {state}{readers}", bytes(*sent)))
        };
        let parts: Vec<_> = PayloadState::ALL.into_iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| format!("Sent, by what became of the payload: {}", parts.join(", ")))
    }

    fn summary(&self) -> String {
        let counts: Vec<String> =
            self.counts.iter().map(|(Reverse(outcome), count)| format!("{count} {outcome}")).collect();
        let total: usize = self.counts.values().sum();
        let is_hidden = self.counts.contains_key(&Reverse(Outcome::NotPersonal));
        let hidden = if is_hidden { " (not shown; -o json lists them)" } else { "" };
        if total == 0 { "0 transfers".to_owned() } else { format!("{total} transfers: {}{hidden}", counts.join(", ")) }
    }
}

/// Recipient, place, data and reasons of a transfer.
#[cfg(feature = "kafka")]
pub(super) fn cells(transfer: &Transfer<'_>) -> [String; 4] {
    let Transfer { edge, verdict, .. } = transfer;
    [recipient(&edge.counterpart), place(&edge.counterpart, &verdict.location), data(verdict), why(verdict)]
}

fn recipient(counterpart: &Counterpart) -> String {
    match counterpart {
        Counterpart::Registered { recipient, endpoint } => format!("{recipient} ({endpoint})"),
        Counterpart::OwnNetwork { jurisdiction, .. } => format!("own network ({jurisdiction})"),
        other => other.recipient(),
    }
}

fn place(counterpart: &Counterpart, location: &LocationFinding) -> String {
    let LocationFinding { jurisdictions, anywhere, certainty } = location;
    let places = cells::places(jurisdictions.iter(), *anywhere, Locale::ENGLISH);
    if !places.is_empty() {
        return format!("{places} {}", cells::certainty(*certainty, Locale::ENGLISH));
    }
    let needs_none = matches!(counterpart, Counterpart::DataSubject | Counterpart::DeclaredNotPersonal { .. });
    if needs_none { "-" } else { "unknown" }.to_owned()
}

/// What became of the payload, what was not read first.
fn payload(edge: &Edge) -> String {
    let states: Vec<_> = edge.volume.payload.keys().map(|state| state.as_str()).collect();
    if states.is_empty() { "-".to_owned() } else { states.join(", ") }
}

fn data(verdict: &Verdict<'_>) -> String {
    let known = &verdict.categories;
    let Some(rung) = cells::rung(known.rung, Locale::ENGLISH) else { return "none known".to_owned() };
    let since = verdict.sightings.iter().map(|sighting| sighting.seen.first).min();
    let since = since.map_or_else(String::new, |first| format!(" since {}", first.strftime("%F")));
    let (shown, more) = cells::categories(known.categories.iter());
    format!("{rung}{since}: {shown}{more}")
}

/// The reasons in a few words, in default of all others the first ground; `-o json` has them in sentences.
pub(super) fn why(verdict: &Verdict<'_>) -> String {
    let missing = verdict.missing.iter().map(|missing| (&missing.subject, &missing.code));
    let bases = verdict.bases.iter().map(ToOwned::to_owned);
    let mut parts = cells::reasons(verdict.reasons.iter().map(against), missing, bases, Locale::ENGLISH);
    if parts.is_empty() {
        parts.extend(verdict.grounds.first().map(|ground| ground.says.to_string()));
    }
    if verdict.notes.iter().any(|note| note.code == NoteCode::LocationConflict) {
        parts.push("LocationConflict".to_owned());
    }
    parts.dedup();
    parts.join("; ")
}

fn against(reason: &Reason<'_>) -> String {
    let Reason { code, ground, .. } = reason;
    let cited = [ground.obligation.map(Obligation::as_str), ground.clause.map(Citation::as_str)].into_iter().flatten();
    let instrument = ground.instrument.map_or_else(String::new, |name| format!(" {name}"));
    // The prefixes are what people need to record the addresses anew, untruncated.
    let prefixes = match &ground.says {
        Sentence::AddressTruncated { candidates, .. } => {
            candidates.iter().fold(String::new(), |text, candidate| format!("{text} {}", candidate.prefix))
        }
        _ => String::new(),
    };
    format!("{code}{instrument}{prefixes}{}", in_brackets(&cited.collect::<Vec<_>>().join(" ")))
}
