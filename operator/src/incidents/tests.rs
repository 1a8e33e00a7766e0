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
struct Scenario {
    spec: IncidentSpec,
    incident: Incident,
    status: Option<IncidentStatus>,
}

impl Scenario {
    fn begin() -> Self {
        let incident = incident(&[0]);
        Self { spec: incident.initial_spec(at(0)).unwrap(), incident, status: None }
    }

    /// Its conditions after so many minutes: status, type and reason, in one line.
    fn conditions_at(&mut self, minutes: i64) -> String {
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
fn an_incident_is_opened_reported_closed_and_returns() {
    let mut scenario = Scenario::begin();
    let open = "+Ready=InTime +FirstReportDue=Running +FullReportDue=Running -Documented=NoMeasures -Closed=Open";
    assert_eq!(scenario.conditions_at(1), open);
    assert_eq!(scenario.due(), [at(4 * 60), at(12 * 60)]);

    scenario.spec.reports.push(report("first", ReportStage::FirstStatus, 200));
    let first = "+Ready=InTime -FirstReportDue=Reported +FullReportDue=Running -Documented=NoMeasures -Closed=Open";
    assert_eq!(scenario.conditions_at(201), first);
    scenario.spec.closing = Some(closing(300));
    let early = "+Ready=InTime -FirstReportDue=Reported +FullReportDue=Running +Documented=MeasuresWritten -Closed=ReportsMissing";
    assert_eq!(scenario.conditions_at(301), early);
    scenario.spec.reports.push(report("full", ReportStage::FullReport, 13 * 60));
    let overdue = "-Ready=Overdue -FirstReportDue=Reported +FullReportDue=Overdue +Documented=MeasuresWritten -Closed=ReportsMissing";
    assert_eq!(scenario.conditions_at(12 * 60), overdue, "a report dated in the future was not sent yet");
    let closed =
        "+Ready=InTime -FirstReportDue=Reported -FullReportDue=ReportedLate +Documented=MeasuresWritten +Closed=Closed";
    assert_eq!(scenario.conditions_at(13 * 60), closed);

    // The transfer continues: a new breach with deadlines of its own, for which earlier measures do not count.
    scenario.incident.known.push(at(20 * 60));
    let returned =
        "+Ready=InTime +FirstReportDue=Running +FullReportDue=Running -Documented=NoMeasures -Closed=Returned";
    assert_eq!(scenario.conditions_at(20 * 60), returned);
    assert_eq!(scenario.due(), [at(24 * 60), at(32 * 60)]);
    assert_eq!(scenario.status.as_ref().unwrap().reopened, [at(20 * 60)]);
    scenario.spec.reports.push(report("again", ReportStage::FullReport, 21 * 60));
    scenario.spec.closing = Some(closing(22 * 60));
    assert_eq!(scenario.conditions_at(22 * 60), closed.replace("ReportedLate", "Reported"));
}

#[test]
fn deadlines_run_from_the_earlier_awareness_and_triage_does_not_move_them() {
    let mut scenario = Scenario::begin();
    scenario.spec.first_awareness = at(-30);
    scenario.conditions_at(0);
    assert_eq!(scenario.due(), [at(210), at(690)]);
    scenario.spec.first_awareness = at(30);
    scenario.conditions_at(0);
    assert_eq!(scenario.due(), [at(240), at(720)]);
    for result in [TriageResult::Breach, TriageResult::NoBreach] {
        scenario.spec.triage = Some(Triage { result, reasons: "seen".to_owned(), by: PERSON.to_owned(), at: at(100) });
        scenario.conditions_at(101);
        assert_eq!(scenario.due(), [at(240), at(720)]);
    }
    // Overdue stays overdue when the wall clock is set back.
    assert!(scenario.conditions_at(240).contains("+FirstReportDue=Overdue"));
    assert!(scenario.conditions_at(100).contains("+FirstReportDue=Overdue"));
    assert_eq!(scenario.due(), [at(240), at(720)]);
    // No breach, with recorded reasons: no report is owed.
    scenario.spec.closing = Some(closing(250));
    let exempt =
        "+Ready=InTime -FirstReportDue=NotNeeded -FullReportDue=NotNeeded +Documented=MeasuresWritten +Closed=Closed";
    assert_eq!(scenario.conditions_at(251), exempt);
}

#[test]
fn without_the_agreement_the_remembered_periods_apply_or_the_defaults() {
    let scenario = Scenario::begin();
    let gone = AgreementId { namespace: "gone".to_owned(), name: "gone".to_owned() };
    let published = published();
    let due = |kept: Option<&Arc<BreachTerms>>| {
        let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&gone, kept);
        status::compute(&scenario.spec, Some(&scenario.incident), &terms, at(1), None, None).full_report.unwrap().due
    };
    assert_eq!(due(None), at(720));
    // The remembered terms apply.
    let mut agreement = published.ruleset.agreements[&edge().agreement].clone();
    let hours = clock::Rule { amount: 2.try_into().unwrap(), ..clock::duty(Obligation::BrFull).unwrap().rule };
    agreement.periods.insert(Obligation::BrFull, hours);
    assert_eq!(due(Some(&Arc::new(BreachTerms::from(&agreement)))), at(120));
}

#[test]
fn reports_say_what_is_known_and_what_is_not() {
    let mut scenario = Scenario::begin();
    scenario.conditions_at(1);
    let published = published();
    let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&edge().agreement, None);
    let texts = |scenario: &Scenario| {
        let started = clocks::started(&scenario.spec, Some(&scenario.incident), &terms);
        let reference = names::incident(&edge());
        let (spec, incident) = (&scenario.spec, Some(&scenario.incident));
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
    golden("opened", &texts(&scenario));
    scenario.spec.nature.data_subjects = vec!["dpv:Customer".to_owned()];
    scenario.spec.nature.approximate_subjects = Some(120);
    scenario.spec.nature.approximate_records = Some(4_000);
    scenario.spec.consequences = Some("addresses may be used for advertising".to_owned());
    scenario.spec.triage =
        Some(Triage { result: TriageResult::Breach, reasons: "seen".into(), by: PERSON.into(), at: at(60) });
    scenario.spec.closing = Some(closing(300));
    scenario.conditions_at(301);
    golden("closed", &texts(&scenario));
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
fn only_the_oldest_incident_in_the_agreements_namespace_belongs_to_an_edge() {
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
    // One in another namespace, and one that names another agreement.
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
fn a_deleted_incident_without_an_edge_is_created_again_as_written() {
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
    // An Incident of that name is about something else now.
    assert_eq!(expected(&[written("privacy", "lost-laptop", &initial_spec)], &known, at(90)).len(), 1);
}
