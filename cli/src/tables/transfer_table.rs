use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use comfy_table::{Attribute, Cell, CellAlignment, Color};
use landfall_observation::PayloadState;
use landfall_transfer_law::{
    Certainty, Counterpart, Edge, LocationFinding, NoteCode, Obligation, Outcome, Reason, Rung, Sentence, Verdict,
};

use super::top::Top;
use crate::{
    judging::Transfer,
    output::{Screen, Table, bytes, draw, grid, keep},
};

/// The most characters of a recipient's name and of a ground, unless everything is wanted.
const RECIPIENT: usize = 36;
pub(super) const WHY: usize = 84;

/// Judged transfers as a table, the worst first, one line each; without those that carry no
/// personal data.
#[derive(Default)]
pub(crate) struct TransferTable {
    rows: Top<(Reverse<Outcome>, [String; 8])>,
    /// How many there are of each outcome, shown or not.
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
            recipient(transfer),
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
        let header = ["VERDICT", "EXPORTER", "RECIPIENT", "WHERE", "DATA (HOW KNOWN)", "SENT", "PAYLOAD", "WHY"];
        let mut grid = grid(&header, screen);
        if screen.colour {
            grid.enforce_styling();
        }
        if let Some(column) = grid.column_mut(5) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for (Reverse(outcome), row) in self.rows.sorted() {
            let [_, workload, recipient, place, data, sent, payload, why] = row;
            let (recipient, why) = (screen.short(recipient, RECIPIENT), screen.short(why, WHY));
            let mut cells: Vec<_> =
                [&row[0], workload, &recipient, place, data, sent, payload, &why].into_iter().map(Cell::new).collect();
            cells[0] = Cell::new(&row[0]).fg(shade(*outcome)).add_attribute(Attribute::Bold);
            grid.add_row(cells);
        }
        keep(&mut grid, &[0], screen);
        let body = format!("{}{}", draw(&mut grid, screen), self.rows.rest());
        let below = [self.summary()].into_iter().chain(self.payload_line()).chain(self.notes.iter().cloned());
        format!("{body}\n\n{}", below.collect::<Vec<_>>().join("\n"))
    }
}

impl TransferTable {
    /// How much was sent, by what became of its payload; with the names of the readers.
    fn payload_line(&self) -> Option<String> {
        let readers = self.readers.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let of = |state: PayloadState| {
            let sent = self.payload.get(&state)?;
            let by = if state == PayloadState::Inspected { bracketed(&readers) } else { String::new() };
            Some(format!("{} {state}{by}", bytes(*sent)))
        };
        let parts: Vec<_> = PayloadState::ALL.into_iter().filter_map(of).collect();
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

fn shade(outcome: Outcome) -> Color {
    match outcome {
        Outcome::Unlawful => Color::Red,
        Outcome::Unknown => Color::Magenta,
        Outcome::Conditional => Color::Yellow,
        Outcome::Permitted | Outcome::IntraEea => Color::Green,
        Outcome::NotATransfer | Outcome::NotPersonal => Color::DarkGrey,
    }
}

fn recipient(transfer: &Transfer<'_>) -> String {
    match &transfer.edge.counterpart {
        Counterpart::Registered { recipient, endpoint } => format!("{recipient} ({endpoint})"),
        Counterpart::OwnNetwork { jurisdiction, .. } => format!("own network ({jurisdiction})"),
        other => other.recipient(),
    }
}

fn place(counterpart: &Counterpart, location: &LocationFinding) -> String {
    let LocationFinding { jurisdictions, anywhere, certainty } = location;
    let mut names: Vec<String> = jurisdictions.iter().map(|place| place.to_string()).collect();
    if *anywhere {
        names.push("anywhere".to_owned());
    }
    if names.is_empty() {
        return if matches!(counterpart, Counterpart::DataSubject | Counterpart::DeclaredNotPersonal { .. }) {
            "-".to_owned()
        } else {
            "unknown".to_owned()
        };
    }
    let certainty = match certainty {
        Certainty::Corroborated => "corroborated",
        Certainty::Uncorroborated => "attested",
        Certainty::Conflict => "CONFLICT",
        Certainty::Observed => "observed",
        Certainty::Hint => "hint",
        Certainty::Unknown => "unknown",
    };
    format!("{} {certainty}", names.join(" "))
}

/// What became of the payload, what was not read first.
fn payload(edge: &Edge) -> String {
    let states: Vec<_> = edge.volume.payload.keys().map(|state| state.as_str()).collect();
    if states.is_empty() { "-".to_owned() } else { states.join(", ") }
}

fn data(verdict: &Verdict<'_>) -> String {
    let known = &verdict.categories;
    let rung = match known.rung {
        Rung::Seen => "seen",
        Rung::Held => "held",
        Rung::Declared => "declared",
        Rung::Assumed => "assumed",
        Rung::None => return "none known".to_owned(),
    };
    // Two names fit; the rest is in `-o json`.
    let names: Vec<_> = known.categories.iter().map(|category| short(category.as_str())).collect();
    let shown = names.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let more = names.len().saturating_sub(2);
    let since = verdict.sightings.iter().map(|sighting| sighting.seen.first).min();
    let since = since.map_or_else(String::new, |first| format!(" since {}", first.strftime("%F")));
    if more == 0 { format!("{rung}{since}: {shown}") } else { format!("{rung}{since}: {shown} +{more}") }
}

fn short(category: &str) -> &str {
    category.rsplit(':').next().unwrap_or(category)
}

/// The ground in a few words: what speaks against it, else what is missing, else what carries it.
/// The sentences are in `-o json`.
pub(super) fn why(verdict: &Verdict<'_>) -> String {
    let mut parts: Vec<String> = verdict.reasons.iter().map(against).collect();
    if parts.is_empty() {
        let missing = verdict.missing.iter();
        parts.extend(missing.map(|missing| format!("{} lacks {}", missing.subject, missing.code)));
    }
    if parts.is_empty() {
        parts.extend(verdict.bases.iter().map(ToOwned::to_owned));
    }
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
    let cited = [ground.obligation.map(Obligation::as_str), ground.clause].into_iter().flatten();
    let instrument = ground.instrument.map_or_else(String::new, |name| format!(" {name}"));
    // The next step is to record these anew.
    let within = match &ground.says {
        Sentence::AddressTruncated { candidates, .. } => {
            candidates.iter().fold(String::new(), |text, candidate| format!("{text} {}", candidate.prefix))
        }
        _ => String::new(),
    };
    format!("{code}{instrument}{within}{}", bracketed(&cited.collect::<Vec<_>>().join(" ")))
}

fn bracketed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}
