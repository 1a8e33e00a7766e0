//! The text of the drafts, as Markdown in German and English.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::Timestamp;
use landfall_api::ReportStage;

use landfall_observation::Recorded;
use landfall_transfer_law::{Language, Obligation, RecordedSentence, rung_meaning};

use super::Facts;
use crate::judging::{
    Incident,
    terms::{AUTHORITY, FIRST, FULL},
};

/// All drafts, by file name.
pub(crate) fn all(facts: Facts<'_>) -> BTreeMap<String, String> {
    let languages = [(Language::German, "de"), (Language::English, "en")];
    let stages = [(ReportStage::FirstStatus, "first-status"), (ReportStage::FullReport, "full-report")];
    let each = languages.into_iter().flat_map(|(language, code)| {
        stages.map(|(stage, name)| (format!("D13-{name}.{code}.md"), one(facts, stage, language)))
    });
    each.collect()
}

/// One draft, as Markdown.
fn one(facts: Facts<'_>, stage: ReportStage, language: Language) -> String {
    let page = Page { facts, language };
    match stage {
        ReportStage::FirstStatus => page.first_status(),
        ReportStage::FullReport | ReportStage::Supplement => page.full_report(),
    }
}

struct Page<'a> {
    facts: Facts<'a>,
    language: Language,
}

impl Page<'_> {
    /// What is known when the first report is due (BR-FIRST), and when the full report follows.
    fn first_status(&self) -> String {
        let mut text = self.head(FIRST, "Erste Meldung eines Verstoßes", "First status report of a breach");
        text += &self.known();
        text += &self.section("Noch nicht bekannt", "Not known yet", &self.unknown());
        text += &self.section("Eindämmung", "Containment", &self.measures());
        text += &self.section("Nächste Meldung", "Next report", &[self.instant(self.due(FULL))]);
        text + &self.foot("first")
    }

    /// The content of Art. 33(3) GDPR and the documentation that the agreement requires (BR-FULL, BR-DOC).
    fn full_report(&self) -> String {
        let mut text = self.head(FULL, "Vollständige Meldung eines Verstoßes", "Full report of a breach");
        text += &self.known();
        let spec = self.facts.spec;
        let count = |count: Option<u64>| count.map_or_else(|| self.open("spec.nature"), |count| count.to_string());
        let affected = [
            format!(
                "{}: {}",
                self.say("Kategorien betroffener Personen", "Categories of data subjects"),
                self.list(&spec.nature.data_subjects)
            ),
            format!(
                "{}: {}",
                self.say("Ungefähre Zahl der Personen", "Approximate number of persons"),
                count(spec.nature.approximate_subjects)
            ),
            format!(
                "{}: {}",
                self.say("Ungefähre Zahl der Datensätze", "Approximate number of records"),
                count(spec.nature.approximate_records)
            ),
        ];
        text += &self.section(
            "Betroffene (Art. 33 Abs. 3 lit. a DSGVO)",
            "Who is concerned (Art. 33(3)(a) GDPR)",
            &affected,
        );
        let contact = self
            .say("Kontakt für Datenschutz laut Vertrag (CONTACT)", "privacy contact named in the agreement (CONTACT)");
        text += &self.section("Anlaufstelle (lit. b)", "Contact (b)", &[contact.to_owned()]);
        let consequences = spec.consequences.clone().unwrap_or_else(|| self.open("spec.consequences"));
        text += &self.section("Wahrscheinliche Folgen (lit. c)", "Likely consequences (c)", &[consequences]);
        text += &self.section("Maßnahmen (lit. d)", "Measures (d)", &self.measures());
        let reasoning = spec.closing.as_ref().map(|closing| closing.reasoning.clone());
        let reasoning = reasoning.unwrap_or_else(|| self.open("kubectl landfall incident close --reasoning"));
        text += &self.section("Warum sie genügen (BR-DOC)", "Why they suffice (BR-DOC)", &[reasoning]);
        let unknown = self.unknown();
        if !unknown.is_empty() {
            text += &self.section("Noch nicht bekannt", "Not known yet", &unknown);
        }
        text + &self.foot("full")
    }

    fn head(&self, obligation: Obligation, german: &str, english: &str) -> String {
        let Facts { reference, incident, terms, started, .. } = self.facts;
        let clause = terms.clause(obligation).map(|clause| format!(", {clause}")).unwrap_or_default();
        let mut text = format!("# {} ({obligation}{clause})\n\n", self.say(german, english));
        let mut line = |name: &str, value: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "- {name}: {value}");
        };
        line(self.say("Kennung", "Id"), format!("{}/{}", reference.namespace, reference.name));
        // Without an edge, every controller may be concerned.
        let served = incident.map(|incident| incident.served.clone()).unwrap_or_default();
        line(self.say("An", "To"), self.names(&terms.controllers(&served)));
        line(self.say("Von", "From"), self.names(&terms.processor().into_iter().collect::<Vec<_>>()));
        line(
            self.say("Erste Kenntnis", "First awareness"),
            self.instant(started.filter(|_| self.due(obligation).is_some())),
        );
        line(self.say("Fällig", "Due"), self.instant(self.due(obligation)));
        text
    }

    /// The summary in the language of the report where the program wrote it; what a person wrote stays as it is.
    fn summary(&self, summary: &str, says: Option<&RecordedSentence>) -> String {
        let generated = says.and_then(|says| Some((says, summary.strip_suffix(&says.in_language(Language::English))?)));
        match generated {
            Some((says, parties)) => match self.language {
                Language::English => summary.to_owned(),
                Language::German => {
                    format!("{}{}", parties.replace(" to ", " an "), says.in_language(Language::German))
                }
            },
            None => summary.to_owned(),
        }
    }

    /// What happened.
    fn known(&self) -> String {
        let Facts { spec, incident, .. } = self.facts;
        let nature = &spec.nature;
        let says = incident.and_then(|incident| incident.finding.as_ref()?.says.as_ref());
        let mut lines = vec![self.summary(&nature.summary, says)];
        lines.push(format!("{}: {}", self.say("Gründe", "Reasons"), self.list(&nature.codes)));
        lines.push(format!(
            "{}: {}",
            self.say("Nicht eingehalten", "Obligations not met"),
            self.list(&nature.obligations)
        ));
        if let Some(edge) = &spec.edge {
            let sender = &edge.exporter;
            lines.push(format!("{}: {sender}", self.say("Von dem System", "From the system")));
            lines.push(format!("{}: {}", self.say("An den Empfänger", "To the recipient"), edge.recipient));
        }
        if let Some(finding) = incident.and_then(|incident| incident.finding.as_ref()) {
            let categories = self.list(&finding.categories.iter().map(ToString::to_string).collect::<Vec<_>>());
            let is_topic = spec.edge.as_ref().is_some_and(|edge| edge.exporter.topic.is_some());
            let rung = match &finding.rung {
                Recorded::Known(rung) => rung_meaning(*rung, is_topic, self.language).to_owned(),
                Recorded::Unknown(name) => name.clone(),
            };
            lines.push(format!("{}: {categories} ({rung})", self.say("Kategorien von Daten", "Categories of data")));
            lines.push(format!(
                "{}: {}",
                self.say("Verarbeitet in", "Processed in"),
                self.list(&finding.places.iter().map(|place| place.to_string()).collect::<Vec<_>>())
            ));
        }
        let reopened = incident.map(Incident::reopened).unwrap_or_default();
        if !reopened.is_empty() {
            let again: Vec<_> = reopened.iter().map(|at| self.instant(Some(*at))).collect();
            lines.push(format!("{}: {}", self.say("Wieder aufgetreten", "Recurred"), again.join(", ")));
        }
        self.section("Was geschehen ist (Art. 33 Abs. 3 lit. a DSGVO)", "What happened (Art. 33(3)(a) GDPR)", &lines)
    }

    /// What a person still has to establish.
    fn unknown(&self) -> Vec<String> {
        let spec = self.facts.spec;
        let mut open = Vec::new();
        let mut ask = |is_open: bool, german: &str, english: &str| {
            if is_open {
                open.push(self.say(german, english).to_owned());
            }
        };
        ask(
            spec.triage.is_none(),
            "ob ein Mensch den Befund bestätigt (kubectl landfall incident triage)",
            "whether a person confirms the finding (kubectl landfall incident triage)",
        );
        ask(
            spec.nature.approximate_subjects.is_none(),
            "wie viele Personen betroffen sind",
            "how many persons are concerned",
        );
        ask(spec.nature.data_subjects.is_empty(), "welche Gruppen betroffen sind", "which groups are concerned");
        ask(spec.consequences.is_none(), "welche Folgen wahrscheinlich sind", "which consequences are likely");
        open
    }

    fn measures(&self) -> Vec<String> {
        match &self.facts.spec.closing {
            Some(closing) => closing.measures.clone(),
            None => vec![self.open("kubectl landfall incident close --measures")],
        }
    }

    /// Who notifies the authority (BR-AUTH), and how to record that the report was sent.
    fn foot(&self, stage: &str) -> String {
        let clause = self.facts.terms.clause(AUTHORITY).map(|clause| format!(", {clause}")).unwrap_or_default();
        let says = self.say(
            "Die Meldung an die Aufsichtsbehörde (Art. 33 Abs. 1) und an betroffene Personen (Art. 34 DSGVO) ist allein Sache des Auftraggebers",
            "Only the controller notifies the supervisory authority (Art. 33(1)) and data subjects (Art. 34 GDPR)",
        );
        let draft = self.say(
            "Entwurf aus Beobachtungen; vor dem Versand zu prüfen und zu ergänzen.",
            "Drafted from observations. Check and complete it before sending.",
        );
        let record = self.say(
            "Nach dem Versand eintragen (dieser Absatz gehört nicht in die Meldung)",
            "After sending, record it (this paragraph is not part of the report)",
        );
        let Facts { reference, .. } = self.facts;
        format!(
            "\n---\n{says} (BR-AUTH{clause}).\n\n{draft}\n{record}:\n\n    kubectl landfall incident report {} -n {} --{stage} --sent-at TIME\n",
            reference.name, reference.namespace
        )
    }

    fn section(&self, german: &str, english: &str, lines: &[String]) -> String {
        let mut text = format!("\n## {}\n\n", self.say(german, english));
        for line in lines {
            let _ = writeln!(text, "- {}", line.replace(['\n', '\r'], " "));
        }
        text
    }

    fn say<'a>(&self, german: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::German => german,
            Language::English => english,
        }
    }

    /// In the agreement's time zone.
    fn instant(&self, at: Option<Timestamp>) -> String {
        let local = |at: Timestamp| at.to_zoned(self.facts.terms.zone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        at.map_or_else(|| self.say("noch offen", "open").to_owned(), local)
    }

    /// When a report is due.
    fn due(&self, obligation: Obligation) -> Option<Timestamp> {
        self.facts.terms.due(obligation, self.facts.started?)
    }

    fn open(&self, field: &str) -> String {
        format!("{} ({field})", self.say("noch einzutragen", "to be filled in"))
    }

    fn list(&self, texts: &[String]) -> String {
        if texts.is_empty() { self.say("nicht bekannt", "not known").to_owned() } else { texts.join(", ") }
    }

    fn names(&self, names: &[&str]) -> String {
        if names.is_empty() { self.say("nicht bekannt", "not known").to_owned() } else { names.join("; ") }
    }
}
