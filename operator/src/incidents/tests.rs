use landfall_api::{Closing, ConditionStatus, Report, ReportStage, Triage, TriageResult};
use landfall_transfer_law::{Outcome, clock};

use super::*;
use crate::{
    fixture::{at, published},
    judging::{Served, Terms},
};

const PERSON: &str = "Data protection office";

fn edge() -> EdgeId {
    EdgeId {
        cluster: "test".to_owned(),
        agreement: AgreementId { namespace: "privacy".to_owned(), name: "crm-processor".to_owned() },
        workload: WorkloadName { namespace: "crm".into(), kind: "Deployment".into(), name: "sync".into() },
        recipient: "unregistered:stranger.example".to_owned(),
        endpoint: String::new(),
        via: Via::Flow,
    }
}

fn case(known: &[i64]) -> Case {
    let finding = Finding {
        codes: vec!["UnregisteredRecipient".to_owned()],
        obligations: vec!["SUB-LIST".to_owned()],
        summary: "stranger.example is no listed sub-processor".to_owned(),
        categories: vec!["pd:EmailAddress".to_owned()],
        rung: "seen".to_owned(),
        places: vec!["US".to_owned()],
    };
    Case {
        known: known.iter().map(|minutes| at(*minutes)).collect(),
        finding: Some(finding),
        worst: Some(Outcome::Unlawful),
        last_seen: known.last().map(|minutes| at(*minutes)),
        served: Served::by(&["tenant-b"]),
        ..Case::of(edge().into())
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

/// An Incident over time: what people do to it, and how it stands.
struct Story {
    spec: IncidentSpec,
    case: Case,
    status: Option<IncidentStatus>,
}

impl Story {
    fn begin() -> Self {
        let case = case(&[0]);
        Self { spec: opening(&case, at(0)), case, status: None }
    }

    /// How it stands after so many minutes: type, whether it holds, and why, in one line.
    fn look(&mut self, minutes: i64) -> String {
        let published = published();
        let terms = Agreed::of(&published.ruleset).terms(&edge().agreement, None);
        let status = status::of(&self.spec, Some(&self.case), &terms, at(minutes), self.status.as_ref(), Some(1));
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
    story.case.known.push(at(20 * 60));
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
    let due = |kept: Option<&Arc<Terms>>| {
        let terms = Agreed::of(&published.ruleset).terms(&gone, kept);
        status::of(&story.spec, Some(&story.case), &terms, at(1), None, None).full_report.unwrap().due
    };
    assert_eq!(due(None), at(720));
    // What was agreed when it was there is kept.
    let mut agreement = published.ruleset.agreements[&edge().agreement].clone();
    let hours = clock::Rule { amount: 2.try_into().unwrap(), ..clock::duty("BR-12H").unwrap().rule };
    agreement.periods.insert("BR-12H".to_owned(), hours);
    assert_eq!(due(Some(&Arc::new(Terms::from(&agreement)))), at(120));
}

#[test]
fn reports_say_what_is_known_and_what_is_not() {
    let mut story = Story::begin();
    story.look(1);
    let published = published();
    let terms = Agreed::of(&published.ruleset).terms(&edge().agreement, None);
    let texts = |story: &Story| {
        let (spec, status) = (&story.spec, story.status.as_ref().unwrap());
        report::texts(Facts { key: &key(&edge()), spec, case: Some(&story.case), status, terms: &terms })
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

#[test]
fn the_first_incident_at_the_agreement_is_the_umbrella_of_an_edge_and_no_other() {
    let (store, mut writer) = kube::runtime::reflector::store();
    let case = Arc::new(case(&[0]));
    let seen = |store: &Store<Stored<IncidentSpec>>| {
        let found = found(store, std::slice::from_ref(&case), &[]);
        let each = found.into_iter().map(|it| {
            let known = it.case.map(|case| case.known.len());
            (format!("{}/{}", it.key.namespace, it.key.name), it.there.is_some(), known)
        });
        each.collect::<Vec<_>>()
    };
    let made = key(&case.edge);
    assert_eq!(seen(&store), [(format!("privacy/{}", made.name), false, Some(1))]);

    let mut put = |namespace: &str, name: &str, agreement: &str, hour: i64| {
        let mut object = Stored::new(name, Some(namespace), opening(&case, at(0)));
        agreement.clone_into(&mut object.spec.agreement_ref.name);
        let created = k8s_openapi::jiff::Timestamp::from_second(hour * 3600).unwrap();
        object.metadata.creation_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(created));
        writer.apply_watcher_event(&kube::runtime::watcher::Event::Apply(object));
    };
    // Somebody of another namespace, and somebody who names another agreement.
    put("crm", "foreign", "crm-processor", 1);
    put("privacy", "mistaken", "another", 2);
    put("privacy", "ours", "crm-processor", 4);
    put("privacy", "second", "crm-processor", 5);
    let expected = [
        ("crm/foreign".to_owned(), true, None),
        ("privacy/mistaken".to_owned(), true, None),
        ("privacy/ours".to_owned(), true, Some(1)),
        ("privacy/second".to_owned(), true, None),
    ];
    assert_eq!(seen(&store), expected);
}

#[test]
fn an_incident_about_no_edge_is_remembered_and_comes_back_as_it_was_written() {
    let (store, mut writer) = kube::runtime::reflector::store();
    let key = Key { namespace: "privacy".to_owned(), name: "lost-laptop".to_owned() };
    let spec = IncidentSpec { edge: None, transfer_ref: None, ..opening(&case(&[0]), at(0)) };
    let mut there = Stored::new(&key.name, Some(&key.namespace), spec.clone());
    writer.apply_watcher_event(&kube::runtime::watcher::Event::Apply(there.clone()));
    let one = |store: &Store<Stored<IncidentSpec>>, entered: &[Arc<Entered>]| {
        let mut found = found(store, &[], entered);
        assert_eq!(found.len(), 1);
        found.remove(0)
    };
    let written = |spec: &IncidentSpec| {
        let (namespace, name) = (key.namespace.clone(), key.name.clone());
        Entry::Entered { namespace, name, written: Box::new(spec.clone()) }
    };
    assert_eq!(one(&store, &[]).news(), Some(written(&spec)));
    let remembered = |spec: &IncidentSpec| {
        let (namespace, name) = (key.namespace.clone(), key.name.clone());
        Arc::new(Entered { namespace, name, written: spec.clone(), terms: None })
    };
    let entered = [remembered(&spec)];
    assert_eq!(one(&store, &entered).news(), None);
    there.spec.closing = Some(closing(60));
    writer.apply_watcher_event(&kube::runtime::watcher::Event::Apply(there.clone()));
    assert_eq!(one(&store, &entered).news(), Some(written(&there.spec)));

    let entered = [remembered(&there.spec)];
    writer.apply_watcher_event(&kube::runtime::watcher::Event::Delete(there.clone()));
    let gone = one(&store, &entered);
    assert_eq!((gone.key.clone(), gone.spec(at(90)), gone.news()), (key.clone(), Some(there.spec.clone()), None));
}
