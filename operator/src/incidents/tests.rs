use landfall_api::{Closing, ConditionStatus, Report, ReportStage, Triage, TriageResult};
use landfall_observation::DataCategory;
use landfall_transfer_law::{AgreementId, EdgeId, Exporter, Obligation, Outcome, ReasonCode, Rung, Sentence, clock};

use super::*;
use crate::{
    fixture::{at, published},
    judging::{
        BreachTerms, Finding, ServedTenants, clocks,
        drafts::{Facts, texts},
        names,
    },
};

const PERSON: &str = "Data protection office";

fn edge() -> EdgeId {
    EdgeId {
        cluster: "test".to_owned(),
        agreement: AgreementId { namespace: "privacy".to_owned(), name: "crm-processor".to_owned() },
        exporter: Exporter::workload("crm", "Deployment", "sync"),
        recipient: "unregistered:stranger.example".to_owned(),
        endpoint: String::new(),
    }
}

fn incident(known: &[i64]) -> Incident {
    let finding = Finding {
        codes: vec![ReasonCode::UnregisteredRecipient.into()],
        obligations: vec![Obligation::SubList.into()],
        says: Some((&Sentence::NotListed { recipient: "stranger.example".into() }).into()),
        categories: [DataCategory::EMAIL_ADDRESS].into(),
        rung: Rung::Seen.into(),
        places: ["US".parse().unwrap()].into(),
    };
    Incident {
        known: known.iter().map(|minutes| at(*minutes)).collect(),
        finding: Some(finding),
        worst: Some(Outcome::Unlawful),
        last_seen: known.last().map(|minutes| at(*minutes)),
        served: ServedTenants::from_names(&["tenant-b"]),
        ..Incident::new(IncidentKey::Edge { edge: edge().into() })
    }
}

fn report(name: &str, stage: ReportStage, minutes: i64) -> Report {
    Report {
        name: name.to_owned(),
        stage,
        sent_at: at(minutes),
        received_at: None,
        by: None,
        notice_ref: None,
        sha256: None,
    }
}

fn closing(minutes: i64) -> Closing {
    let measures = vec!["stopped the workload".to_owned()];
    Closing { measures, reasoning: "nothing leaves it any more".to_owned(), by: PERSON.to_owned(), at: at(minutes) }
}

/// An Incident over time: changes by people, and its status.
struct Story {
    spec: IncidentSpec,
    incident: Incident,
    status: Option<IncidentStatus>,
}

impl Story {
    fn begin() -> Self {
        let incident = incident(&[0]);
        Self { spec: incident.initial_spec(at(0)).unwrap(), incident, status: None }
    }

    /// Its conditions after so many minutes: status, type and reason, in one line.
    fn look(&mut self, minutes: i64) -> String {
        let published = published();
        let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&edge().agreement, None);
        let status =
            status::compute(&self.spec, Some(&self.incident), &terms, at(minutes), self.status.as_ref(), Some(1));
        let line = status.conditions.iter().map(|condition| {
            let mark = if condition.status == ConditionStatus::True { '+' } else { '-' };
            format!("{mark}{}={}", condition.r#type, condition.reason)
        });
        let line = line.collect::<Vec<_>>().join(" ");
        self.status = Some(status);
        line
    }

    fn due(&self) -> [Timestamp; 2] {
        let status = self.status.as_ref().unwrap();
        [&status.first_report, &status.full_report].map(|clock| clock.as_ref().unwrap().due)
    }
}

#[test]
fn an_incident_is_opened_reported_closed_and_comes_back() {
    let mut story = Story::begin();
    let open = "+Ready=InTime +FirstReportDue=Running +FullReportDue=Running -Documented=NoMeasures -Closed=Open";
    assert_eq!(story.look(1), open);
    assert_eq!(story.due(), [at(4 * 60), at(12 * 60)]);

    story.spec.reports.push(report("first", ReportStage::FirstStatus, 200));
    let first = "+Ready=InTime -FirstReportDue=Reported +FullReportDue=Running -Documented=NoMeasures -Closed=Open";
    assert_eq!(story.look(201), first);
    story.spec.closing = Some(closing(300));
    let early = "+Ready=InTime -FirstReportDue=Reported +FullReportDue=Running +Documented=MeasuresWritten -Closed=ReportsMissing";
    assert_eq!(story.look(301), early);
    story.spec.reports.push(report("full", ReportStage::FullReport, 13 * 60));
    let overdue = "-Ready=Overdue -FirstReportDue=Reported +FullReportDue=Overdue +Documented=MeasuresWritten -Closed=ReportsMissing";
    assert_eq!(story.look(12 * 60), overdue, "what is to be sent later was not sent yet");
    let closed =
        "+Ready=InTime -FirstReportDue=Reported -FullReportDue=ReportedLate +Documented=MeasuresWritten +Closed=Closed";
    assert_eq!(story.look(13 * 60), closed);

    // The transfer goes on: another breach, with clocks of its own, and what was done before does not count for it.
    story.incident.known.push(at(20 * 60));
    let returned =
        "+Ready=InTime +FirstReportDue=Running +FullReportDue=Running -Documented=NoMeasures -Closed=Returned";
    assert_eq!(story.look(20 * 60), returned);
    assert_eq!(story.due(), [at(24 * 60), at(32 * 60)]);
    assert_eq!(story.status.as_ref().unwrap().reopened, [at(20 * 60)]);
    story.spec.reports.push(report("again", ReportStage::FullReport, 21 * 60));
    story.spec.closing = Some(closing(22 * 60));
    assert_eq!(story.look(22 * 60), closed.replace("ReportedLate", "Reported"));
}

#[test]
fn the_clocks_run_from_the_earlier_knowledge_and_no_look_moves_them() {
    let mut story = Story::begin();
    story.spec.first_awareness = at(-30);
    story.look(0);
    assert_eq!(story.due(), [at(210), at(690)]);
    story.spec.first_awareness = at(30);
    story.look(0);
    assert_eq!(story.due(), [at(240), at(720)]);
    for result in [TriageResult::Breach, TriageResult::NoBreach] {
        story.spec.triage = Some(Triage { result, reasons: "seen".to_owned(), by: PERSON.to_owned(), at: at(100) });
        story.look(101);
        assert_eq!(story.due(), [at(240), at(720)]);
    }
    // A wall clock that steps back undoes nothing that has run out.
    assert!(story.look(240).contains("+FirstReportDue=Overdue"));
    assert!(story.look(100).contains("+FirstReportDue=Overdue"));
    assert_eq!(story.due(), [at(240), at(720)]);
    // No breach, and why is written down: nothing is owed.
    story.spec.closing = Some(closing(250));
    let let_off =
        "+Ready=InTime -FirstReportDue=NotNeeded -FullReportDue=NotNeeded +Documented=MeasuresWritten +Closed=Closed";
    assert_eq!(story.look(251), let_off);
}

#[test]
fn without_its_agreement_the_clocks_run_that_were_agreed_else_the_usual_ones() {
    let story = Story::begin();
    let gone = AgreementId { namespace: "gone".to_owned(), name: "gone".to_owned() };
    let published = published();
    let due = |kept: Option<&Arc<BreachTerms>>| {
        let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&gone, kept);
        status::compute(&story.spec, Some(&story.incident), &terms, at(1), None, None).full_report.unwrap().due
    };
    assert_eq!(due(None), at(720));
    // What was agreed when it was there is kept.
    let mut agreement = published.ruleset.agreements[&edge().agreement].clone();
    let hours = clock::Rule { amount: 2.try_into().unwrap(), ..clock::duty(Obligation::BrFull).unwrap().rule };
    agreement.periods.insert(Obligation::BrFull, hours);
    assert_eq!(due(Some(&Arc::new(BreachTerms::from(&agreement)))), at(120));
}

#[test]
fn reports_say_what_is_known_and_what_is_not() {
    let mut story = Story::begin();
    story.look(1);
    let published = published();
    let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&edge().agreement, None);
    let texts = |story: &Story| {
        let started = clocks::started(&story.spec, Some(&story.incident), &terms);
        let reference = names::incident(&edge());
        let (spec, incident) = (&story.spec, Some(&story.incident));
        texts(Facts { reference: &reference, spec, incident, terms: &terms, started })
    };
    let golden = |name: &str, texts: &BTreeMap<String, String>| {
        for (file, text) in texts {
            let path = format!("{}/testdata/reports/{name}.{file}", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("LANDFALL_UPDATE").is_some() {
                std::fs::write(&path, text).unwrap();
            }
            assert_eq!(*text, std::fs::read_to_string(&path).unwrap_or_default(), "{path}");
        }
    };
    golden("opened", &texts(&story));
    story.spec.nature.data_subjects = vec!["dpv:Customer".to_owned()];
    story.spec.nature.approximate_subjects = Some(120);
    story.spec.nature.approximate_records = Some(4_000);
    story.spec.consequences = Some("addresses may be used for advertising".to_owned());
    story.spec.triage =
        Some(Triage { result: TriageResult::Breach, reasons: "seen".into(), by: PERSON.into(), at: at(60) });
    story.spec.closing = Some(closing(300));
    story.look(301);
    golden("closed", &texts(&story));
}

fn written(namespace: &str, name: &str, spec: &IncidentSpec) -> WrittenIncident {
    WrittenIncident {
        reference: NamespacedReference { namespace: namespace.to_owned(), name: name.to_owned() },
        uid: Some("uid".to_owned()),
        generation: Some(1),
        created: None,
        spec: Arc::new(spec.clone()),
    }
}

#[test]
fn the_first_incident_at_the_agreement_is_the_one_of_an_edge_and_no_other() {
    let incident = Arc::new(incident(&[0]));
    let known = BTreeMap::from([(incident.key.clone(), incident.clone())]);
    let seen = |written: &[WrittenIncident]| {
        let each = expected(written, &known, at(0)).into_iter().map(|it| {
            let known = it.incident.map(|incident| incident.known.len());
            (format!("{}/{}", it.reference.namespace, it.reference.name), it.uid.is_some(), known)
        });
        each.collect::<Vec<_>>()
    };
    let made = names::incident(&edge());
    assert_eq!(seen(&[]), [(format!("privacy/{}", made.name), false, Some(1))]);

    let initial_spec = incident.initial_spec(at(0)).unwrap();
    let put = |namespace: &str, name: &str, agreement: &str| {
        let mut spec = initial_spec.clone();
        agreement.clone_into(&mut spec.agreement_ref.name);
        written(namespace, name, &spec)
    };
    // Somebody of another namespace, and somebody who names another agreement.
    let written = [
        put("crm", "foreign", "crm-processor"),
        put("privacy", "mistaken", "another"),
        put("privacy", "ours", "crm-processor"),
        put("privacy", "second", "crm-processor"),
    ];
    let expected = [
        ("crm/foreign".to_owned(), true, None),
        ("privacy/mistaken".to_owned(), true, None),
        ("privacy/ours".to_owned(), true, Some(1)),
        ("privacy/second".to_owned(), true, None),
    ];
    assert_eq!(seen(&written), expected);
}

#[test]
fn an_incident_about_no_edge_comes_back_as_it_was_written() {
    let reference = NamespacedReference { namespace: "privacy".to_owned(), name: "lost-laptop".to_owned() };
    let initial_spec = incident(&[0]).initial_spec(at(0)).unwrap();
    let spec = IncidentSpec { edge: None, transfer_ref: None, closing: Some(closing(60)), ..initial_spec.clone() };
    let key = IncidentKey::Name(reference.clone());
    let remembered = Arc::new(Incident { written: Some(spec.clone()), ..Incident::new(key.clone()) });
    let known = BTreeMap::from([(key, remembered.clone())]);
    let there = [written("privacy", "lost-laptop", &spec)];
    let present = expected(&there, &known, at(90));
    assert_eq!((present.len(), present[0].incident.as_ref()), (1, Some(&remembered)));

    let missing = expected(&[], &known, at(90));
    let again =
        Expected { reference, spec: Arc::new(spec), incident: Some(remembered), uid: None, generation: Some(1) };
    assert_eq!(missing, [again]);
    // Its name stands for something else by now.
    assert_eq!(expected(&[written("privacy", "lost-laptop", &initial_spec)], &known, at(90)).len(), 1);
}
