//! A verdict as sentences for a person: who sends what to whom, the outcome, and why, with clause and
//! article.

use std::fmt;

use landfall_observation::{JurisdictionSet, Recorded};

use crate::{
    CategoriesRecord, Edge, EdgeId, GroundRecord, HopRecord, Language, LocationRecord, Outcome, Rung, Verdict,
    VerdictRecord,
};

/// The reasoning of `verdict` about `edge`, one sentence an item.
pub fn explain(edge: &Edge, verdict: &Verdict<'_>, language: Language) -> Vec<String> {
    explain_record(&edge.id, edge.volume.bytes_sent, &verdict.into(), language)
}

/// The reasoning of a recorded verdict about an edge over which `bytes_sent` were sent, one sentence an item.
pub fn explain_record(edge: &EdgeId, bytes_sent: u64, verdict: &VerdictRecord, language: Language) -> Vec<String> {
    let words = Words::new(language);
    let mut sentences = vec![headline(edge, bytes_sent, verdict, words), what(&verdict.categories, edge, words)];
    sentences.extend(place(&verdict.location, words));
    sentences.extend(verdict.chain.iter().enumerate().map(|(index, hop)| step(index + 1, hop, words)));
    let mut say = |heading: &str, ground: &GroundRecord| {
        sentences.push(format!("{heading}: {}{}.", ground.says.in_language(language), Cited(ground, words)));
    };
    for reason in &verdict.reasons {
        say(words.against, &reason.ground);
    }
    for missing in &verdict.missing {
        say(words.missing, &missing.ground);
    }
    for ground in &verdict.grounds {
        say(words.ground, ground);
    }
    sentences.extend(verdict.notes.iter().map(|note| format!("{}: {}.", words.note, note.says.in_language(language))));
    sentences
}

/// The fixed words of a language.
#[derive(Debug, Clone, Copy)]
struct Words {
    language: Language,
    sends_to: &'static str,
    as_of: &'static str,
    bytes: &'static str,
    against: &'static str,
    missing: &'static str,
    ground: &'static str,
    note: &'static str,
    step: &'static str,
    carried_by: &'static str,
    processed: &'static str,
    anywhere: &'static str,
    setting: &'static str,
}

impl Words {
    fn new(language: Language) -> Self {
        match language {
            Language::English => Self {
                language,
                sends_to: "sends to",
                as_of: "as of",
                bytes: "bytes",
                against: "Against it",
                missing: "To fetch",
                ground: "Rests on",
                note: "Noted",
                step: "Step",
                carried_by: "carried by",
                processed: "Processed in",
                anywhere: "a place that nobody names",
                setting: "read by the setting",
            },
            Language::German => Self {
                language,
                sends_to: "sendet an",
                as_of: "Stand",
                bytes: "Byte",
                against: "Dagegen spricht",
                missing: "Zu beschaffen",
                ground: "Beruht auf",
                note: "Bemerkt",
                step: "Schritt",
                carried_by: "getragen von",
                processed: "Verarbeitet in",
                anywhere: "einem Ort, den niemand nennt",
                setting: "ausgelegt nach",
            },
        }
    }
}

/// What an outcome means, in a few words.
pub fn outcome_meaning(outcome: Outcome, language: Language) -> &'static str {
    match (outcome, language) {
        (Outcome::NotPersonal, Language::English) => "no personal data",
        (Outcome::NotPersonal, Language::German) => "keine personenbezogenen Daten",
        (Outcome::IntraEea, Language::English) => "stays within the EEA",
        (Outcome::IntraEea, Language::German) => "bleibt im EWR",
        (Outcome::NotATransfer, Language::English) => "no transfer in the sense of Chapter V GDPR",
        (Outcome::NotATransfer, Language::German) => "keine Übermittlung im Sinne von Kapitel V DSGVO",
        (Outcome::Permitted, Language::English) => "rests on a valid basis",
        (Outcome::Permitted, Language::German) => "beruht auf einer gültigen Grundlage",
        (Outcome::Conditional, Language::English) => "permitted only once what is missing is there",
        (Outcome::Conditional, Language::German) => "erst zulässig, wenn das Fehlende da ist",
        (Outcome::Unknown, Language::English) => "cannot be told, and never counts as permitted",
        (Outcome::Unknown, Language::German) => "ungeklärt, was nie als zulässig gilt",
        (Outcome::Unlawful, Language::English) => "it may not happen",
        (Outcome::Unlawful, Language::German) => "es darf nicht geschehen",
    }
}

fn headline(edge: &EdgeId, bytes_sent: u64, verdict: &VerdictRecord, words: Words) -> String {
    let endpoint = if edge.endpoint.is_empty() { String::new() } else { format!(" ({})", edge.endpoint) };
    format!(
        "{} {} {}{endpoint}, {} {}: {}, {} ({} {}).",
        edge.exporter.short(),
        words.sends_to,
        edge.recipient,
        bytes_sent,
        words.bytes,
        verdict.outcome,
        outcome_meaning(verdict.outcome(), words.language),
        words.as_of,
        verdict.at,
    )
}

/// The rung as a word for a table; [`rung_meaning`] explains it.
pub fn rung_label(rung: Rung, language: Language) -> &'static str {
    match (rung, language) {
        (Rung::Seen, Language::English) => "seen",
        (Rung::Seen, Language::German) => "gesehen",
        (Rung::Held, Language::English) => "held",
        (Rung::Held, Language::German) => "gehalten",
        (Rung::Declared, Language::English) => "declared",
        (Rung::Declared, Language::German) => "erklärt",
        (Rung::Assumed, Language::English) => "assumed",
        (Rung::Assumed, Language::German) => "angenommen",
        (Rung::None, Language::English) => "none known",
        (Rung::None, Language::German) => "keine bekannt",
    }
}

/// How categories on a rung are known, as part of a sentence or as a line of its own; of a workload or of a topic.
pub fn rung_meaning(rung: Rung, is_topic: bool, language: Language) -> &'static str {
    match (rung, language) {
        (Rung::Seen, Language::English) => "seen in the traffic",
        (Rung::Seen, Language::German) => "im Verkehr gesehen",
        (Rung::Held, Language::English) if is_topic => "seen in this topic within 30 days",
        (Rung::Held, Language::German) if is_topic => "in diesem Topic binnen 30 Tagen gesehen",
        (Rung::Held, Language::English) => "seen at this workload within 30 days",
        (Rung::Held, Language::German) => "bei diesem Workload binnen 30 Tagen gesehen",
        (Rung::Declared, Language::English) if is_topic => "declared for the topic",
        (Rung::Declared, Language::German) if is_topic => "für das Topic erklärt",
        (Rung::Declared, Language::English) => "declared on the workload",
        (Rung::Declared, Language::German) => "am Workload erklärt",
        (Rung::Assumed, Language::English) => "assumed, because the register says so of the recipient",
        (Rung::Assumed, Language::German) => "angenommen, weil das Register es vom Empfänger sagt",
        (Rung::None, Language::English) => "which kinds of personal data it carries is not known",
        (Rung::None, Language::German) => "welche Arten personenbezogener Daten es sind, ist nicht bekannt",
    }
}

fn what(known: &CategoriesRecord, edge: &EdgeId, words: Words) -> String {
    let names: Vec<_> = known.categories.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    let Recorded::Known(rung) = known.rung else { return format!("{}: {names}.", known.rung) };
    let how = rung_meaning(rung, edge.exporter.is_topic(), words.language);
    let (first, rest) = how.split_at(1);
    let how = format!("{}{rest}", first.to_uppercase());
    if rung == Rung::None { format!("{how}.") } else { format!("{how}: {names}.") }
}

fn place(location: &LocationRecord, words: Words) -> Option<String> {
    let names = named(&location.jurisdictions, location.anywhere, words);
    (!names.is_empty()).then(|| format!("{} {names}.", words.processed))
}

fn named(places: &JurisdictionSet, anywhere: bool, words: Words) -> String {
    let mut names: Vec<_> = places.iter().map(|place| place.as_str()).collect();
    names.extend(anywhere.then_some(words.anywhere));
    names.join(", ")
}

fn step(number: usize, hop: &HopRecord, words: Words) -> String {
    let HopRecord { exporter, importer, places, anywhere, outcome, bases } = hop;
    let names = named(places, *anywhere, words);
    let carried = if bases.is_empty() { String::new() } else { format!(", {} {}", words.carried_by, bases.join(", ")) };
    format!("{} {number}: {exporter} → {importer} ({names}): {outcome}{carried}.", words.step)
}

/// Obligation, clause, article and setting, in brackets.
struct Cited<'a>(&'a GroundRecord, Words);

impl fmt::Display for Cited<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(GroundRecord { obligation, clause, article, setting, .. }, words) = self;
        let mut parts: Vec<String> = Vec::new();
        parts.extend(obligation.as_ref().map(|obligation| match clause {
            Some(clause) => format!("{obligation} {clause}"),
            None => obligation.to_string(),
        }));
        parts.extend(article.as_deref().map(|article| citation(article, words.language)));
        parts.extend(setting.as_ref().map(|setting| format!("{} {setting}", words.setting)));
        if parts.is_empty() { Ok(()) } else { write!(f, " [{}]", parts.join("; ")) }
    }
}

/// A citation of articles and guidelines as texts in `language` write it.
pub fn citation(article: &str, language: Language) -> String {
    match language {
        Language::English => article.to_owned(),
        Language::German => in_german(article),
    }
}

/// A citation as German texts write it.
fn in_german(article: &str) -> String {
    const WORDS: [(&str, &str); 9] = [
        ("GDPR", "DSGVO"),
        ("TFEU", "AEUV"),
        ("Guidelines", "Leitlinien"),
        ("Recommendations", "Empfehlungen"),
        ("second criterion", "zweites Kriterium"),
        ("second subparagraph", "Unterabs. 2"),
        ("use cases", "Anwendungsfälle"),
        ("clause", "Klausel"),
        (" and ", " und "),
    ];
    let text = WORDS.iter().fold(article.to_owned(), |text, (from, to)| text.replace(from, to));
    // `Art. 28(3)(a)` is written `Art. 28 Abs. 3 lit. a`.
    let mut german = String::with_capacity(text.len() + 16);
    let mut rest = text.as_str();
    while let Some(open) = rest.find('(') {
        let (before, inner) = rest.split_at(open);
        let Some((inside, after)) = inner[1..].split_once(')') else { break };
        let follows_number = before.ends_with(|last: char| last.is_ascii_digit() || last == ')')
            || (before.is_empty() && german.ends_with(|last: char| last.is_ascii_digit()))
            || before.ends_with(", ");
        german.push_str(before);
        match inside {
            _ if !follows_number => german.extend(["(", inside, ")"]),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                german.extend([if before.ends_with(' ') { "Abs. " } else { " Abs. " }, number]);
            }
            letter if letter.len() == 1 => {
                german.extend([if before.ends_with(' ') { "lit. " } else { " lit. " }, letter]);
            }
            other => german.extend(["(", other, ")"]),
        }
        rest = after;
    }
    german.push_str(rest);
    german
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_written_as_german_texts_write_them() {
        for (english, german) in [
            ("Art. 28(3)(a) GDPR", "Art. 28 Abs. 3 lit. a DSGVO"),
            ("Art. 45(3) GDPR, (EU) 2023/1795", "Art. 45 Abs. 3 DSGVO, (EU) 2023/1795"),
            ("Art. 28(2), (4) GDPR", "Art. 28 Abs. 2, Abs. 4 DSGVO"),
            ("Art. 46(2)(b), 47 GDPR", "Art. 46 Abs. 2 lit. b, 47 DSGVO"),
            ("Art. 264(1), 267 TFEU", "Art. 264 Abs. 1, 267 AEUV"),
            (
                "Art. 46(1) GDPR, (EU) 2021/914 clause 14, C-311/18",
                "Art. 46 Abs. 1 DSGVO, (EU) 2021/914 Klausel 14, C-311/18",
            ),
            ("EDPB Guidelines 05/2021, second criterion", "EDPB Leitlinien 05/2021, zweites Kriterium"),
        ] {
            assert_eq!(in_german(english), german);
        }
    }
}
