//! What is said about one Transfer, line by line. Pure.

use jiff::{Timestamp, tz::TimeZone};
use landfall_api::{
    CategorySighting, CodedMessage, ConditionStatus, Ground, MissingPiece, TransferCategories, TransferLocation,
    TransferPayload, TransferReason, TransferSpec, TransferStatus, condition,
};
use landfall_observation::DataCategory;
use landfall_transfer_law::{Certainty, Outcome, RecordedSentence, Rung, SeenDirection, citation, outcome_meaning};

use super::super::{
    Incident, Transfer,
    cluster::Kubectl,
    deadlines,
    harmless::line,
    incidents,
    standing::{STAGES, Stage, Standing},
    transfers,
    words::{self, Words},
};
use crate::output::bytes;

/// Sentences are this long at most, as the schema has it.
const SENTENCE: usize = 1024;

/// For whom, where and when it is said.
pub(in super::super) struct Page {
    pub(in super::super) words: Words,
    pub(in super::super) zone: TimeZone,
    pub(in super::super) now: Timestamp,
    pub(in super::super) kubectl: Kubectl,
}

/// The reasoning of a Transfer, and the Incidents about it, where they are known.
pub(in super::super) fn explain(transfer: &Transfer, incidents: Option<&[Incident]>, page: &Page) -> Vec<String> {
    let say = |english, german| page.words.say(english, german);
    let (namespace, name) = transfers::named(transfer);
    let mut lines = vec![format!("Transfer {namespace}/{name}"), page.headline(&transfer.spec)];
    match transfer.status.as_ref().filter(|status| status.outcome.is_some()) {
        Some(status) => page.judged(status, &mut lines),
        None => lines.push(format!(
            "{}; {}",
            say("It has not been judged yet", "Er ist noch nicht beurteilt"),
            say("is the operator running?", "läuft der Operator?")
        )),
    }
    for incident in incidents.unwrap_or_default() {
        page.incident(incident, &mut lines);
    }
    if incidents.is_some_and(<[Incident]>::is_empty) {
        lines.extend([String::new(), say("No Incident about it.", "Kein Incident dazu.").to_owned()]);
    }
    lines
}

impl Page {
    fn say(&self, english: &'static str, german: &'static str) -> &'static str {
        self.words.say(english, german)
    }

    fn instant(&self, at: Timestamp) -> String {
        words::instant(at, &self.zone)
    }

    fn headline(&self, spec: &TransferSpec) -> String {
        let TransferSpec { cluster, agreement, exporter, recipient, endpoint } = spec;
        let endpoint = endpoint.as_ref().map_or_else(String::new, |endpoint| format!(" ({})", line(endpoint, 63)));
        format!(
            "{} → {}{endpoint}; {} {}/{}, Cluster {}",
            line(&exporter.to_string(), 381),
            line(recipient, 256),
            self.say("agreement", "Vertrag"),
            line(&agreement.namespace, 63),
            line(&agreement.name, 253),
            line(cluster, 256),
        )
    }

    fn judged(&self, status: &TransferStatus, lines: &mut Vec<String>) {
        let TransferStatus { outcome, bases, reasons, missing, grounds, categories, location, omitted, .. } = status;
        if let Some(outcome) = outcome {
            lines.push(self.verdict(*outcome));
        }
        if !bases.is_empty() {
            let bases = bases.iter().map(|basis| line(basis, 256)).collect::<Vec<_>>().join(", ");
            lines.push(format!("{}: {bases}", self.say("Carried by", "Getragen von")));
        }
        let mut section = |title: &str, items: Vec<String>| {
            if !items.is_empty() {
                lines.extend([String::new(), title.to_owned()]);
                lines.extend(items.into_iter().map(|item| format!("  {item}")));
            }
        };
        section(self.say("Against it", "Dagegen spricht"), reasons.iter().map(|it| self.reason(it)).collect());
        section(
            self.say(
                "Missing (a person can fetch it, and the verdict gets better)",
                "Zu beschaffen (ein Mensch kann es besorgen, und das Urteil wird besser)",
            ),
            missing.iter().map(|it| self.piece(it)).collect(),
        );
        section(self.say("Rests on", "Beruht auf"), grounds.iter().map(|it| self.ground(it)).collect());
        section(self.say("Data", "Daten"), categories.iter().flat_map(|it| self.data(it)).collect());
        section(self.say("Where", "Wo"), location.iter().map(|it| self.place(it)).collect());
        section(self.say("Seen", "Gesehen"), self.seen(status));
        if let Some(count) = omitted {
            let text = self.say(
                "further entries did not fit in here; the ledger has all",
                "weitere Einträge passten nicht hinein; im Ledger stehen alle",
            );
            section(self.say("Omitted", "Ausgelassen"), vec![format!("{count} {text}")]);
        }
    }

    fn verdict(&self, outcome: Outcome) -> String {
        let meaning = outcome_meaning(outcome, self.words.0);
        format!("{}: {outcome}, {meaning}", self.say("Verdict", "Urteil"))
    }

    fn reason(&self, reason: &TransferReason) -> String {
        let TransferReason { effect, code, ground } = reason;
        format!("{} ({effect}): {}", line(code, 64), self.ground(ground))
    }

    fn piece(&self, piece: &MissingPiece) -> String {
        let MissingPiece { code, subject, ground } = piece;
        format!("{} ({}): {}", line(code, 64), line(subject, 256), self.ground(ground))
    }

    /// What it says in the person's language, with where it stands in agreement and law.
    fn ground(&self, ground: &Ground) -> String {
        let Ground { obligation, clause, article, instrument, setting, says, text } = ground;
        let article = article.as_ref().map(|article| citation(article, self.words.0));
        let text = says.as_ref().and_then(|says| self.message(says)).unwrap_or_else(|| text.clone());
        let short = |text: &String| line(text, 256);
        let instrument = instrument.as_ref().map(|name| format!("{} {}", self.say("basis", "Grundlage"), short(name)));
        let setting = setting.as_ref().map(|name| format!("{} {}", self.say("read by", "ausgelegt nach"), short(name)));
        let parts = [
            obligation.as_ref().map(short),
            clause.as_ref().map(short),
            article.as_ref().map(short),
            instrument,
            setting,
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let cited = if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join("; ")) };
        format!("{}{cited}", line(&text, SENTENCE))
    }

    /// A message in words; of a code that a later version of the operator wrote the code with its arguments.
    fn message(&self, says: &CodedMessage) -> Option<String> {
        let says: RecordedSentence = serde_json::from_value(serde_json::to_value(says).ok()?).ok()?;
        Some(says.in_language(self.words.0))
    }

    fn data(&self, known: &TransferCategories) -> Vec<String> {
        let TransferCategories { rung, values, sightings } = known;
        let how = match rung {
            Rung::Seen => self.say("seen in this traffic", "in diesem Verkehr gesehen"),
            Rung::Held => self.say(
                "held: seen at this workload within 30 days, not in this traffic",
                "gehalten: binnen 30 Tagen bei diesem Workload gesehen, nicht in diesem Verkehr",
            ),
            Rung::Declared => self.say("declared on the workload, not seen", "am Workload erklärt, nicht gesehen"),
            Rung::Assumed => self.say(
                "assumed, because the register says so of the recipient",
                "angenommen, weil das Register es vom Empfänger sagt",
            ),
            Rung::None => {
                return vec![
                    self.say("which kinds it carries is not known", "welche Arten es sind, ist nicht bekannt")
                        .to_owned(),
                ];
            }
        };
        let names: Vec<_> = values.iter().map(DataCategory::as_str).collect();
        let seen = sightings.iter().map(|it| self.sighting(it));
        [names.join(", "), how.to_owned()].into_iter().chain(seen).collect()
    }

    /// Where a category had been seen at the workload, and since when.
    fn sighting(&self, sighting: &CategorySighting) -> String {
        let CategorySighting { category, since, direction, recipient, endpoint, port } = sighting;
        let way = match direction {
            Some(SeenDirection::Received) => self.say("received from", "erhalten von"),
            Some(SeenDirection::Sent) => self.say("sent to", "gesendet an"),
            None => self.say(
                "seen at a place that is not kept apart",
                "gesehen an einer Stelle, die nicht auseinandergehalten wird",
            ),
        };
        let recipient = recipient.iter().map(|name| format!(" {}", line(name, 256)));
        let endpoint = endpoint.iter().map(|name| format!("/{}", line(name, 63)));
        let port = port.iter().map(|port| format!(", port {port}"));
        let place: String = recipient.chain(endpoint).chain(port).collect();
        format!("{category} {} {since}: {way}{place}", self.say("since", "seit"))
    }

    fn place(&self, location: &TransferLocation) -> String {
        let TransferLocation { jurisdictions, anywhere, certainty } = location;
        let mut names: Vec<String> = jurisdictions.iter().map(ToString::to_string).collect();
        if *anywhere {
            names.push(self.say("a place that nobody names", "ein Ort, den niemand nennt").to_owned());
        }
        let certainty = match certainty {
            Certainty::Corroborated => self.say(
                "attested, and published ranges or the network's operator agree",
                "zugesichert, und veröffentlichte Bereiche oder der Netzbetreiber bestätigen es",
            ),
            Certainty::Uncorroborated => self.say(
                "attested; evidence speaks neither for nor against",
                "zugesichert; Belege sprechen weder dafür noch dagegen",
            ),
            Certainty::Conflict => self.say(
                "CONFLICT: attested, and evidence says worse; the worse counts",
                "WIDERSPRUCH: zugesichert, und Belege sagen Schlechteres; das Schlechtere zählt",
            ),
            Certainty::Observed => self.say(
                "observed, not attested: a published range or the network's operator says so",
                "beobachtet, nicht zugesichert: ein veröffentlichter Bereich oder der Netzbetreiber sagt es",
            ),
            Certainty::Hint => {
                self.say("a hint of a country database, no more", "nur ein Hinweis einer Länderdatenbank")
            }
            Certainty::Unknown => self.say("nothing says anything", "nichts sagt etwas dazu"),
        };
        if names.is_empty() { certainty.to_owned() } else { format!("{}: {certainty}", names.join(", ")) }
    }

    /// What was sent, by what became of its payload.
    fn payload(&self, payload: &TransferPayload) -> Option<String> {
        let TransferPayload { inspected, plaintext_not_read, encrypted, not_recognised, readers } = payload;
        let by = if readers.is_empty() { String::new() } else { format!(" ({})", line(&readers.join(", "), SENTENCE)) };
        let states = [
            (*inspected, self.say("inspected", "untersucht"), by.as_str()),
            (*plaintext_not_read, self.say("in the clear and not read", "unverschlüsselt und nicht gelesen"), ""),
            (*encrypted, self.say("encrypted", "verschlüsselt"), ""),
            (*not_recognised, self.say("not recognised", "nicht erkannt"), ""),
        ];
        let parts: Vec<_> = states
            .into_iter()
            .filter(|(sent, ..)| *sent > 0)
            .map(|(sent, state, by)| format!("{} {state}{by}", bytes(sent)))
            .collect();
        let label = self.say("of what was sent", "vom Gesendeten");
        (!parts.is_empty()).then(|| format!("{label}: {}", parts.join(", ")))
    }

    fn seen(&self, status: &TransferStatus) -> Vec<String> {
        let TransferStatus {
            volume, payload, coverage, first_seen, last_seen, judged_at, holds_until, ruleset, ..
        } = status;
        let mut lines = Vec::new();
        if let Some(volume) = volume {
            lines.push(format!(
                "{} {}{}, {} {}, {} {}",
                self.say("sent", "gesendet"),
                bytes(volume.bytes_sent),
                if volume.bytes_sent < 1000 { String::new() } else { format!(" ({} B)", volume.bytes_sent) },
                self.say("received", "empfangen"),
                bytes(volume.bytes_received),
                volume.connections,
                self.say("connections or messages", "Verbindungen oder Nachrichten"),
            ));
        }
        if let Some(volume) =
            volume.filter(|it| it.estimated_bytes_sent.is_some() || it.estimated_bytes_received.is_some())
        {
            lines.push(format!(
                "{}: {} {}, {} {}",
                self.say("estimated besides", "außerdem geschätzt"),
                self.say("sent", "gesendet"),
                bytes(volume.estimated_bytes_sent.unwrap_or_default()),
                self.say("received", "empfangen"),
                bytes(volume.estimated_bytes_received.unwrap_or_default()),
            ));
        }
        lines.extend(payload.as_ref().and_then(|payload| self.payload(payload)));
        if let Some(coverage) = coverage.filter(|it| it.samples_dropped + it.frames_truncated > 0) {
            lines.push(format!(
                "{}: {} {}, {} {}",
                self.say("not inspected", "nicht untersucht"),
                self.say("samples", "Proben"),
                coverage.samples_dropped,
                self.say("ends of frames", "Enden von Rahmen"),
                coverage.frames_truncated,
            ));
        }
        if coverage.is_some_and(|coverage| coverage.one_sided) {
            lines.push(
                self.say(
                    "of some connections one direction only was seen; what the other carried is not counted",
                    "von einigen Verbindungen war nur eine Richtung zu sehen; was die andere trug, ist nicht gezählt",
                )
                .to_owned(),
            );
        }
        let mut dated = |label: &str, at: Option<Timestamp>| {
            lines.extend(at.map(|at| format!("{label} {}", self.instant(at))));
        };
        dated(self.say("first", "zuerst"), *first_seen);
        dated(self.say("last", "zuletzt"), *last_seen);
        dated(self.say("judged as of", "beurteilt zum"), *judged_at);
        let until = self.say("the verdict holds until", "das Urteil hält bis");
        match holds_until {
            Some(at) => dated(until, Some(*at)),
            None => lines.push(format!("{until} {}", self.say("facts change", "sich Tatsachen ändern"))),
        }
        lines.extend(
            ruleset.as_ref().map(|version| format!("{} {}", self.say("ruleset", "Regelstand"), line(version, 64))),
        );
        let ready = status.conditions.iter().find(|it| it.r#type == condition::READY);
        if let Some(ready) = ready.filter(|ready| ready.status != ConditionStatus::True) {
            lines.push(format!("{}: {}", self.say("not up to date", "nicht aktuell"), line(&ready.message, SENTENCE)));
        }
        lines
    }

    fn incident(&self, incident: &Incident, lines: &mut Vec<String>) {
        let (namespace, name) = incidents::named(incident);
        let nature = &incident.spec.nature;
        lines.extend([
            String::new(),
            format!("Incident {}", line(&format!("{namespace}/{name}"), 320)),
            format!("  {}", line(&nature.summary, SENTENCE)),
            format!("  {} {}", self.say("known since", "bekannt seit"), self.instant(incident.spec.first_awareness)),
        ]);
        for stage in STAGES {
            let told = stage.standing(incident, self.now).told(self.words, self.now, |at| self.instant(at));
            let obligation =
                stage.clock(incident).map_or_else(String::new, |it| format!(" ({})", line(&it.obligation, 16)));
            lines.push(format!("  {}{obligation}: {told}", stage.named(self.words)));
        }
        let closed = incidents::closed(incident, self.words, &self.zone);
        lines.push(format!("  {}: {closed}", self.say("closed", "geschlossen")));
        let standing = |stage: Stage| stage.standing(incident, self.now);
        // Of two that are overdue the full one counts as both.
        let is_late = matches!(standing(Stage::Full), Standing::Overdue { .. });
        let owed =
            STAGES.into_iter().find(|stage| standing(*stage).due().is_some() && (!is_late || *stage == Stage::Full));
        if let Some(stage) = owed {
            let draft = deadlines::draft(&namespace, &name, stage, &self.kubectl, self.words);
            lines.push(format!("  {}: {draft}", self.say("draft", "Entwurf")));
            lines.push(format!("  {}: {}", self.say("what to do", "was zu tun ist"), self.kubectl.plugin("deadlines")));
        }
    }
}
