//! What the operator keeps of Transfers and Incidents when something is taken away from under it, or far too much put
//! upon it: the state afterwards is what an honest clerk would keep.

mod monitoring;

use std::{
    collections::{BTreeMap, BTreeSet},
    thread::sleep,
    time::{Duration, Instant},
};

use landfall_evidence::{Reader, RecordKind};
use landfall_observation::Observation;
use landfall_transfer_law::JudgmentRecord;
use serde_json::{Value, json};

use crate::transfers::{PATIENCE, Scene, at_a_glance, observation};

const RUNNING: &str = "FirstReportDue=Running FullReportDue=Running Closed=Open";
const USER: &str = "system:serviceaccount:landfall-system:landfall-operator";

/// A minute of traffic that must not be: an email address goes to somebody whom nobody knows.
pub(super) fn breach(workload: &str) -> Observation {
    let mut observation = observation(workload, "api.stranger.example");
    let email =
        json!({"category": "pd:EmailAddress", "detector": "email", "matches": 1, "records": 1, "where": ["body"]});
    observation.sent.findings.push(serde_json::from_value(email).unwrap());
    observation
}

impl Scene {
    /// An agreement as a person would have it in a file.
    fn agreement(&self) -> Value {
        let get = ["-n", "privacy", "get", "processingagreement", "crm-processor", "-o", "json"];
        let mut agreement: Value = serde_json::from_str(&self.plane.kubectl(&get, "").unwrap()).unwrap();
        agreement["metadata"] = json!({ "name": "crm-processor", "namespace": "privacy" });
        agreement.as_object_mut().unwrap().remove("status");
        agreement
    }

    /// Applies an agreement; returns when it is in force.
    fn apply(&self, agreement: &Value) {
        self.plane
            .kubectl(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &agreement.to_string())
            .unwrap();
        let name = format!("processingagreement/{}", agreement["metadata"]["name"].as_str().unwrap());
        self.plane.kubectl(&["-n", "privacy", "wait", "--for=condition=Ready", "--timeout=30s", &name], "").unwrap();
    }

    fn delete(&self, kind: &str, name: &str) {
        self.plane.kubectl(&["-n", "privacy", "delete", kind, name], "").unwrap();
    }

    fn await_metric(&self, name: &str, expected: f64) {
        let is = || self.operator.metric(name).is_some_and(|value| (value - expected).abs() < 0.1);
        self.await_true(&format!("{name} {expected}"), is);
    }

    fn await_true(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "waited in vain: {what}: {}", at_a_glance(&self.objects("transfers")));
            sleep(Duration::from_millis(200));
        }
    }

    /// The judgments in the ledger: recipient, outcome, bytes sent, whether it is a re-judgment.
    fn judgments(&self) -> Vec<(String, String, u64, bool)> {
        let records = Reader::open(&self.folder.path().join("ledger")).unwrap().kinds(&[RecordKind::Judgment]);
        let each = records.map(|record| {
            let JudgmentRecord { edge, verdict, traffic, rejudged, .. } =
                serde_json::from_str(&record.unwrap().body).unwrap();
            (edge.recipient.clone(), verdict.outcome.to_string(), traffic.bytes_sent, rejudged)
        });
        each.collect()
    }
}

/// Recipient, verdict, reason and bytes sent of each Transfer, by agreement.
fn by_agreement(transfers: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut rows = BTreeMap::<String, Vec<Value>>::new();
    for it in transfers {
        let agreement = it["spec"]["agreement"]["name"].as_str().unwrap().to_owned();
        let (status, recipient) = (&it["status"], &it["spec"]["recipient"]);
        let row = json!([recipient, status["outcome"], status["reasons"][0]["code"], status["volume"]["bytesSent"]]);
        rows.entry(agreement).or_default().push(row);
    }
    for rows in rows.values_mut() {
        rows.sort_by_key(Value::to_string);
    }
    rows
}

fn names(objects: &[Value]) -> BTreeSet<String> {
    objects.iter().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_is_deleted_takes_no_record_with_it_and_moves_no_clock() {
    let Some(mut scene) = Scene::start().await else { return };
    // A period of its own: the usual four hours would show.
    let mut agreement = scene.agreement();
    let obligations = agreement["spec"]["obligations"].as_array_mut().unwrap();
    let first_report = obligations.iter_mut().find(|obligation| obligation["id"] == "BR-FIRST").unwrap();
    first_report["period"]["amount"] = json!(2);
    scene.apply(&agreement);
    scene.traffic("sync", "eu.api.openai.com");
    scene.send(breach("leak"));
    let judged = json!([["openai", "Permitted", 100], ["unregistered:stranger.example", "Unlawful", 100]]);
    let before = scene.await_transfers("they are judged", |it| at_a_glance(it) == judged);
    let opened = scene.await_incident(RUNNING);
    let clocks = |incident: &Value| {
        let status = &incident["status"];
        [&status["firstReport"], &status["fullReport"]].map(|clock| json!([clock["started"], clock["due"]]))
    };
    let hours = |clock: &Value| {
        let [started, due] = [0, 1].map(|of| clock[of].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
        due.duration_since(started).as_hours()
    };
    assert_eq!(clocks(&opened).each_ref().map(hours), [2, 12]);

    // Nothing goes away: what nobody can judge any more is Unknown, and the clocks run on.
    scene.delete("processingagreement", "crm-processor");
    let unknown = json!([["openai", "Unknown", 100], ["unregistered:stranger.example", "Unknown", 100]]);
    let orphaned = scene.await_transfers("nobody can judge them", |it| at_a_glance(it) == unknown);
    assert_eq!(names(&orphaned), names(&before));
    assert!(orphaned.iter().all(|it| it["status"]["reasons"][0]["code"] == "AgreementUnknown"), "{orphaned:?}");
    assert_eq!(clocks(&scene.await_incident(RUNNING)), clocks(&opened));
    // What comes now is kept, and nobody's.
    scene.traffic("sync", "eu.api.openai.com");
    scene.await_metric("landfall_observations_unselected_total", 1.0);

    // Not even in the next term, to which the Incident itself was lost, too.
    let mut scene = scene.resume();
    scene.delete("incident", opened["metadata"]["name"].as_str().unwrap());
    let again = scene.await_incident(RUNNING);
    assert_ne!(again["metadata"]["uid"], opened["metadata"]["uid"]);
    assert_eq!(clocks(&again), clocks(&opened));
    assert_eq!(again["spec"]["firstAwareness"], opened["spec"]["firstAwareness"]);

    // The agreement comes back, and so do the verdicts.
    scene.apply(&agreement);
    let back = scene.await_transfers("they are judged again", |it| at_a_glance(it) == judged);
    assert_eq!(names(&back), names(&before));
    let same = scene.await_incident(RUNNING);
    assert_eq!((clocks(&same), &same["metadata"]["uid"]), (clocks(&opened), &again["metadata"]["uid"]));
    scene.traffic("sync", "eu.api.openai.com");
    let more = json!([["openai", "Permitted", 200], ["unregistered:stranger.example", "Unlawful", 100]]);
    scene.await_transfers("traffic counts again", |it| at_a_glance(it) == more);

    // The ledger has all of it, in this order; what was judged again was not counted again.
    let of = |recipient: &str| -> Vec<_> {
        let judgments = scene.judgments().into_iter().filter(|(of, ..)| of == recipient);
        judgments.map(|(_, outcome, bytes, rejudged)| (outcome, bytes, rejudged)).collect()
    };
    let row = |outcome: &str, rejudged| (outcome.to_owned(), 100, rejudged);
    for (recipient, outcome) in [("openai", "Permitted"), ("unregistered:stranger.example", "Unlawful")] {
        assert_eq!(of(recipient), [row(outcome, false), row("Unknown", true), row(outcome, true)], "{recipient}");
    }
    let records = Reader::open(&scene.folder.path().join("ledger")).unwrap().kinds(&[RecordKind::Observation]);
    assert_eq!(records.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_of_two_agreements_is_judged_under_each_and_each_says_so() {
    let Some(mut scene) = Scene::start().await else { return };
    let condition = |transfer: &Value| {
        let conditions = transfer["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.into_iter().find(|it| it["type"] == "SeveralAgreements").map(|it| it["message"].clone())
    };
    let rows = |first: u64, second: Option<Value>| {
        let first = [("crm-processor".to_owned(), vec![json!(["openai", "Permitted", null, first])])];
        first.into_iter().chain(second.map(|row| ("second".to_owned(), vec![row]))).collect::<BTreeMap<_, _>>()
    };
    scene.traffic("sync", "eu.api.openai.com");
    let alone = scene.await_transfers("one agreement judges", |it| by_agreement(it) == rows(100, None));
    assert_eq!(condition(&alone[0]), None);

    // Another one selects the workload, too, and lists nobody.
    let mut second = scene.agreement();
    second["metadata"]["name"] = json!("second");
    second["spec"]["recipients"] = json!([]);
    scene.apply(&second);
    let agreements = ["crm-processor", "second"];
    let counted = |scene: &Scene| {
        agreements.map(|agreement| {
            let verdict = if agreement == "second" { "unlawful" } else { "permitted" };
            let labels = format!(
                "agreement=\"{agreement}\",agreement_namespace=\"privacy\",direction=\"sent\",namespace=\"crm\",recipient=\"openai\",verdict=\"{verdict}\",workload=\"Deployment/sync\""
            );
            scene.operator.metric(&format!("landfall_transfer_bytes_total{{{labels}}}"))
        })
    };
    scene.traffic("sync", "eu.api.openai.com");
    let strict = json!(["openai", "Unlawful", "UnregisteredRecipient", 100]);
    let both = |first, second: &Value| {
        let expected = rows(first, Some(second.clone()));
        move |it: &[Value]| by_agreement(it) == expected && it.iter().all(|it| condition(it).is_some())
    };
    let judged = scene.await_transfers("both judge, and say so", both(200, &strict));
    for transfer in &judged {
        let other = if transfer["spec"]["agreement"]["name"] == "second" { agreements[0] } else { agreements[1] };
        let expected = format!("the workload is also judged under privacy/{other}; its traffic counts once under each");
        assert_eq!(condition(transfer), Some(json!(expected)));
    }
    // Bytes stand once under each, and what was delivered was taken once.
    assert_eq!(counted(&scene), [Some(200.0), Some(100.0)]);
    assert_eq!(scene.operator.metric("landfall_observations_total{result=\"taken\"}"), Some(2.0));
    // The breach is of the one that does not list it.
    let opened = scene.await_incident(RUNNING);
    assert_eq!(opened["spec"]["agreementRef"]["name"], "second");

    // Nor does a restart decide otherwise.
    let mut scene = scene.resume();
    scene.traffic("sync", "eu.api.openai.com");
    let again =
        scene.await_transfers("both go on", both(300, &json!(["openai", "Unlawful", "UnregisteredRecipient", 200])));
    assert_eq!(names(&again), names(&judged));

    // Alone again: the other's record stays, and so does its Incident.
    scene.delete("processingagreement", "second");
    let orphaned = rows(300, Some(json!(["openai", "Unknown", "AgreementUnknown", 200])));
    let of_first = |it: &&Value| it["spec"]["agreement"]["name"] == agreements[0];
    let alone = scene.await_transfers("one agreement judges again", |it| {
        by_agreement(it) == orphaned && it.iter().find(of_first).is_some_and(|it| condition(it).is_none())
    });
    assert_eq!(names(&alone), names(&judged));
    assert_eq!(scene.await_incident(RUNNING)["status"]["firstReport"], opened["status"]["firstReport"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_made_up_hosts_of_a_pod_fill_no_more_than_their_room() {
    const HOSTS: u64 = 100_000;
    /// Of a namespace, whose number somebody outside decides.
    const ROOM: u64 = 1_000;
    let Some(mut scene) = Scene::start().await else { return };
    scene.traffic("sync", "eu.api.openai.com");
    let before = resident(&scene);
    let hosts: Vec<_> = (0..HOSTS).map(|host| observation("sync", &format!("h{host}.example"))).collect();
    scene.send_all(&hosts);
    scene.await_metric("landfall_observations_overflowed_total", 99_000.0);
    // Who is registered has room all the same.
    scene.traffic("sync", "api.twilio.com");
    scene.await_metric(
        "landfall_edges{agreement=\"crm-processor\",agreement_namespace=\"privacy\",verdict=\"conditional\"}",
        1.0,
    );
    scene.await_metric("landfall_objects_waiting{kind=\"Transfer\"}", 0.0);

    // A Transfer for each that has room, and one for the rest, which says what it holds.
    let mut transfers = scene.objects("transfers");
    let is_stranger = |it: &Value| it["spec"]["recipient"].as_str().unwrap().starts_with("unregistered:h");
    let all = transfers.len() as u64;
    transfers.retain(|it| !is_stranger(it));
    assert_eq!(all - transfers.len() as u64, ROOM);
    let rest = (HOSTS - ROOM) * 100;
    let expected = json!([["openai", "Permitted", 100], ["other", "Unknown", rest], ["twilio", "Conditional", 100]]);
    assert_eq!(at_a_glance(&transfers), expected);
    let other = transfers.iter().find(|it| it["spec"]["recipient"] == "other").unwrap();
    assert_eq!(other["spec"]["exporter"]["workload"], json!({ "namespace": "crm", "kind": "Other", "name": "other" }));
    assert_eq!(other["status"]["volume"]["connections"], (HOSTS - ROOM) * connections());
    assert_eq!(other["status"]["reasons"][0]["code"], "TooManyRecipients");

    // Neither series nor memory nor writes grow with the hosts.
    let (_, metrics) = scene.operator.ask("/metrics").unwrap();
    let recipients: BTreeSet<_> = metrics.split("recipient=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(recipients, BTreeSet::from(["openai", "other", "twilio", "unregistered"]));
    let series = metrics.lines().filter(|line| !line.starts_with('#')).count();
    assert!(series < 500, "{series} series");
    let grown = resident(&scene).saturating_sub(before);
    assert!(grown < 100 << 20, "{} MiB more", grown >> 20);
    let entries = scene.plane.audit().unwrap();
    let ours = entries.iter().filter(|entry| entry.user == USER && entry.resource.starts_with("transfers"));
    let writes = ours.filter(|entry| ["create", "update", "patch", "delete"].contains(&entry.verb.as_str())).count();
    // Each is made, rid of its field managers, and its status written; figures follow at four a second.
    assert!((3 * all..3 * all + 500).contains(&(writes as u64)), "{writes} writes for {all} Transfers");
}

/// Connections of one recorded flow.
fn connections() -> u64 {
    let Observation { sent, received, .. } = observation("sync", "any.example");
    sent.connections + received.connections
}

/// Bytes of the operator's memory.
fn resident(scene: &Scene) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", scene.operator.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}
