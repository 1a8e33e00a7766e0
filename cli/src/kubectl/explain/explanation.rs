//! The explanation of one Transfer, line by line. Pure.

use jiff::Timestamp;
use landfall_api::{
    CategorySighting, CodedMessage, ConditionStatus, Ground, IncidentSpec, MissingPiece, TransferCategories,
    TransferLocation, TransferPayload, TransferReason, TransferSpec, TransferStatus, condition,
};
use landfall_observation::DataCategory;
use landfall_transfer_law::{
    Certainty, Outcome, RecordedSentence, Rung, SeenDirection, citation, outcome_meaning, rung_meaning,
};

use super::super::{
    Incident, Transfer,
    context::{DisplayContext, incident_title, namespaced_name},
    deadlines, incidents,
    report_state::{REQUIRED_REPORTS, RequiredReport},
    sanitize::line,
};
use crate::cells::{bytes, in_brackets};

/// The longest sentence that the schema allows.
const MAX_SENTENCE: usize = 1024;

/// Writes in the language and for the cluster of a context.
struct Explainer<'a> {
    context: &'a DisplayContext,
}

/// The reasoning of a Transfer and the Incidents about it, if they are known.
pub(in super::super) fn explain(
    transfer: &Transfer,
    incidents: Option<&[Incident]>,
    context: &DisplayContext,
) -> Vec<String> {
    let explainer = Explainer { context };
    let (namespace, name) = namespaced_name(transfer);
    let mut lines = vec![format!("Transfer {namespace}/{name}"), explainer.headline(&transfer.spec)];
    match transfer.status.as_ref().filter(|status| status.outcome.is_some()) {
        Some(status) => explainer.judged(&transfer.spec, status, &mut lines),
        None => lines.push(
            context
                .text("Not judged yet; is the operator running?", "Noch nicht bewertet; läuft der Operator?")
                .to_owned(),
        ),
    }
    for incident in incidents.unwrap_or_default() {
        explainer.incident(incident, &mut lines);
    }
    if incidents.is_some_and(<[Incident]>::is_empty) {
        let none = context.text("No Incident about this Transfer.", "Kein Incident zu diesem Transfer.");
        lines.extend([String::new(), none.to_owned()]);
    }
    lines
}

impl Explainer<'_> {
    fn text(&self, english: &'static str, german: &'static str) -> &'static str {
        self.context.text(english, german)
    }

    fn headline(&self, spec: &TransferSpec) -> String {
        let TransferSpec { cluster, agreement, exporter, recipient, endpoint } = spec;
        let endpoint = endpoint.as_ref().map_or_else(String::new, |endpoint| line(endpoint, 63));
        format!(
            "{} → {}{}; {} {}/{}, {} {}",
            line(&exporter.to_string(), 381),
            line(recipient, 256),
            in_brackets(&endpoint),
            self.text("agreement", "Vertrag"),
            line(&agreement.namespace, 63),
            line(&agreement.name, 253),
            self.text("cluster", "Cluster"),
            line(cluster, 256),
        )
    }

    fn judged(&self, spec: &TransferSpec, status: &TransferStatus, lines: &mut Vec<String>) {
        let TransferStatus { outcome, bases, reasons, missing, grounds, categories, location, omitted, .. } = status;
        if let Some(outcome) = outcome {
            lines.push(self.verdict(*outcome));
        }
        if !bases.is_empty() {
            let bases = bases.iter().map(|basis| line(basis, 256)).collect::<Vec<_>>().join(", ");
            lines.push(format!("{}: {bases}", self.text("Based on", "Gestützt auf")));
        }
        let mut section = |title: &str, items: Vec<String>| {
            if !items.is_empty() {
                lines.extend([String::new(), title.to_owned()]);
                lines.extend(items.into_iter().map(|item| format!("  {item}")));
            }
        };
        section(
            self.text("Reasons against it", "Entgegenstehende Gründe"),
            reasons.iter().map(|it| self.reason(it)).collect(),
        );
        section(
            self.text(
                "Missing (the verdict improves once it is obtained)",
                "Fehlende Nachweise (mit ihnen verbessert sich die Bewertung)",
            ),
            missing.iter().map(|it| self.piece(it)).collect(),
        );
        section(self.text("Grounds", "Begründung"), grounds.iter().map(|it| self.ground(it)).collect());
        let is_topic = spec.exporter.topic.is_some();
        section(self.text("Data", "Daten"), categories.iter().flat_map(|it| self.data(it, is_topic)).collect());
        section(
            self.text("Place of processing", "Ort der Verarbeitung"),
            location.iter().map(|it| self.place(it)).collect(),
        );
        section(self.text("Observed", "Beobachtet"), self.seen(status));
        if let Some(count) = omitted {
            let text = self.text("further entries are in the ledger only", "weitere Einträge stehen nur im Ledger");
            section(self.text("Omitted", "Ausgelassen"), vec![format!("{count} {text}")]);
        }
    }

    fn verdict(&self, outcome: Outcome) -> String {
        let meaning = outcome_meaning(outcome, self.context.locale.0);
        format!("{}: {outcome}, {meaning}", self.text("Verdict", "Bewertung"))
    }

    fn reason(&self, reason: &TransferReason) -> String {
        let TransferReason { effect, code, ground } = reason;
        format!("{} ({effect}): {}", line(code, 64), self.ground(ground))
    }

    fn piece(&self, piece: &MissingPiece) -> String {
        let MissingPiece { code, subject, ground } = piece;
        format!("{} ({}): {}", line(code, 64), line(subject, 256), self.ground(ground))
    }

    /// The sentence in the language of the reader, with the clause and the article.
    fn ground(&self, ground: &Ground) -> String {
        let Ground { obligation, clause, article, instrument, setting, says, text } = ground;
        let article = article.as_ref().map(|article| citation(article, self.context.locale.0));
        let text = says.as_ref().and_then(|says| self.message(says)).unwrap_or_else(|| text.clone());
        let short = |text: &String| line(text, 256);
        let instrument = instrument.as_ref().map(|name| format!("{} {}", self.text("basis", "Grundlage"), short(name)));
        let setting =
            setting.as_ref().map(|name| format!("{} {}", self.text("interpretation", "Auslegung"), short(name)));
        let parts = [
            obligation.as_ref().map(short),
            clause.as_ref().map(short),
            article.as_ref().map(short),
            instrument,
            setting,
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let cited = if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join("; ")) };
        format!("{}{cited}", line(&text, MAX_SENTENCE))
    }

    /// A message in words. A code of a later version of the operator is shown with its arguments.
    fn message(&self, says: &CodedMessage) -> Option<String> {
        let sentence: RecordedSentence = serde_json::from_value(serde_json::to_value(says).ok()?).ok()?;
        Some(sentence.in_language(self.context.locale.0))
    }

    fn data(&self, known: &TransferCategories, is_topic: bool) -> Vec<String> {
        let TransferCategories { rung, values, sightings } = known;
        let how = rung_meaning(*rung, is_topic, self.context.locale.0);
        if *rung == Rung::None {
            return vec![how.to_owned()];
        }
        let names: Vec<_> = values.iter().map(DataCategory::as_str).collect();
        let seen = sightings.iter().map(|it| self.sighting(it));
        [names.join(", "), how.to_owned()].into_iter().chain(seen).collect()
    }

    /// Where and since when a category was seen at the workload.
    fn sighting(&self, sighting: &CategorySighting) -> String {
        let CategorySighting { category, since, direction, recipient, endpoint, port } = sighting;
        let way = match direction {
            Some(SeenDirection::Received) => self.text("received from", "erhalten von"),
            Some(SeenDirection::Sent) => self.text("sent to", "gesendet an"),
            None => self.text(
                "seen at a place that is not recorded separately",
                "an einer nicht gesondert erfassten Stelle beobachtet",
            ),
        };
        let recipient = recipient.iter().map(|name| format!(" {}", line(name, 256)));
        let endpoint = endpoint.iter().map(|name| format!("/{}", line(name, 63)));
        let port = port.iter().map(|port| format!(", port {port}"));
        let place: String = recipient.chain(endpoint).chain(port).collect();
        format!("{category} {} {since}: {way}{place}", self.text("since", "seit"))
    }

    fn place(&self, location: &TransferLocation) -> String {
        let TransferLocation { jurisdictions, anywhere, certainty } = location;
        let mut names: Vec<String> = jurisdictions.iter().map(ToString::to_string).collect();
        if *anywhere {
            names.push(self.text("an unspecified place", "ein nicht benannter Ort").to_owned());
        }
        let certainty = match certainty {
            Certainty::Corroborated => self.text(
                "attested; published ranges or the operator of the network corroborate it",
                "zugesichert; veröffentlichte Adressbereiche oder der Netzbetreiber bestätigen es",
            ),
            Certainty::Uncorroborated => self.text(
                "attested; there is no evidence for or against it",
                "zugesichert; Belege dafür oder dagegen gibt es nicht",
            ),
            Certainty::Conflict => self.text(
                "CONFLICT: attested, but evidence points to a worse place, which counts",
                "WIDERSPRUCH: zugesichert, doch Belege deuten auf einen ungünstigeren Ort; dieser ist maßgeblich",
            ),
            Certainty::Observed => self.text(
                "observed, not attested: from a published range or the operator of the network",
                "beobachtet, nicht zugesichert: nach veröffentlichten Adressbereichen oder dem Netzbetreiber",
            ),
            Certainty::Hint => {
                self.text("only a hint from a country database", "nur ein Hinweis aus einer Länderdatenbank")
            }
            Certainty::Unknown => self.text("not known", "nicht bekannt"),
        };
        if names.is_empty() { certainty.to_owned() } else { format!("{}: {certainty}", names.join(", ")) }
    }

    /// What was sent, by what became of its payload.
    fn payload(&self, payload: &TransferPayload) -> Option<String> {
        let TransferPayload { inspected, plaintext_not_read, encrypted, not_recognised, readers } = payload;
        let readers = in_brackets(&line(&readers.join(", "), MAX_SENTENCE));
        let states = [
            (*inspected, self.text("inspected", "untersucht"), readers.as_str()),
            (*plaintext_not_read, self.text("plaintext, not read", "unverschlüsselt, nicht gelesen"), ""),
            (*encrypted, self.text("encrypted", "verschlüsselt"), ""),
            (*not_recognised, self.text("not recognised", "nicht erkannt"), ""),
        ];
        let parts: Vec<_> = states
            .into_iter()
            .filter(|(sent, ..)| *sent > 0)
            .map(|(sent, state, readers)| format!("{} {state}{readers}", bytes(sent)))
            .collect();
        let label = self.text("payload sent", "gesendeter Inhalt");
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
                self.text("sent", "gesendet"),
                bytes(volume.bytes_sent),
                if volume.bytes_sent < 1000 { String::new() } else { format!(" ({} B)", volume.bytes_sent) },
                self.text("received", "empfangen"),
                bytes(volume.bytes_received),
                volume.connections,
                self.text("connections or messages", "Verbindungen oder Nachrichten"),
            ));
        }
        if let Some(volume) =
            volume.filter(|it| it.estimated_bytes_sent.is_some() || it.estimated_bytes_received.is_some())
        {
            lines.push(format!(
                "{}: {} {}, {} {}",
                self.text("estimated in addition", "zusätzlich geschätzt"),
                self.text("sent", "gesendet"),
                bytes(volume.estimated_bytes_sent.unwrap_or_default()),
                self.text("received", "empfangen"),
                bytes(volume.estimated_bytes_received.unwrap_or_default()),
            ));
        }
        lines.extend(payload.as_ref().and_then(|payload| self.payload(payload)));
        if let Some(coverage) = coverage.filter(|it| it.samples_dropped + it.frames_truncated > 0) {
            lines.push(format!(
                "{}: {} {}, {} {}",
                self.text("not inspected", "nicht untersucht"),
                coverage.samples_dropped,
                self.text("dropped samples", "verworfene Stichproben"),
                coverage.frames_truncated,
                self.text("truncated frames", "abgeschnittene Frames"),
            ));
        }
        if coverage.is_some_and(|coverage| coverage.one_sided) {
            lines.push(
                self.text(
                    "some connections were seen in one direction only; the other direction is not counted",
                    "einige Verbindungen wurden nur in einer Richtung beobachtet; die Gegenrichtung ist nicht gezählt",
                )
                .to_owned(),
            );
        }
        let mut dated = |label: &str, at: Option<Timestamp>| {
            lines.extend(at.map(|at| format!("{label} {}", self.context.instant(at))));
        };
        dated(self.text("first seen", "zuerst beobachtet"), *first_seen);
        dated(self.text("last seen", "zuletzt beobachtet"), *last_seen);
        dated(self.text("judged as of", "bewertet zum"), *judged_at);
        match holds_until {
            Some(at) => dated(self.text("the verdict is valid until", "die Bewertung gilt bis"), Some(*at)),
            None => lines.push(
                self.text(
                    "the verdict is valid until the facts change",
                    "die Bewertung gilt, bis sich die Tatsachen ändern",
                )
                .to_owned(),
            ),
        }
        lines.extend(
            ruleset.as_ref().map(|version| format!("{} {}", self.text("ruleset", "Regelwerk"), line(version, 64))),
        );
        let ready = status.conditions.iter().find(|it| it.r#type == condition::READY);
        if let Some(ready) = ready.filter(|ready| ready.status != ConditionStatus::True) {
            lines.push(format!(
                "{}: {}",
                self.text("not up to date", "nicht aktuell"),
                line(&ready.message, MAX_SENTENCE)
            ));
        }
        lines
    }

    fn incident(&self, incident: &Incident, lines: &mut Vec<String>) {
        let DisplayContext { locale, now, kubectl, .. } = self.context;
        let (namespace, name) = namespaced_name(incident);
        let IncidentSpec { nature, first_awareness, .. } = &incident.spec;
        lines.extend([
            String::new(),
            incident_title(incident),
            format!("  {}", line(&nature.summary, MAX_SENTENCE)),
            format!("  {} {}", self.text("known since", "bekannt seit"), self.context.instant(*first_awareness)),
        ]);
        for report in REQUIRED_REPORTS {
            let state = report.state(incident, *now).in_words(self.context);
            let obligation = report.clock(incident).map_or_else(String::new, |it| line(&it.obligation, 16));
            lines.push(format!("  {}{}: {state}", report.title(*locale), in_brackets(&obligation)));
        }
        let closed = incidents::closed(incident, self.context);
        lines.push(format!("  {}: {closed}", self.text("closed", "abgeschlossen")));
        if let Some(report) = RequiredReport::next_due(incident, *now, |_| false) {
            let draft = deadlines::draft_command(&namespace, &name, report, kubectl, *locale);
            lines.push(format!("  {}: {draft}", self.text("draft", "Entwurf")));
            let next = self.text("next steps", "nächste Schritte");
            lines.push(format!("  {next}: {}", kubectl.plugin("deadlines")));
        }
    }
}
