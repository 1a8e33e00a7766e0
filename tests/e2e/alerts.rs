//! Alerting end to end: from packets to a notification, and to its resolution.

mod way;

use std::time::{Duration, Instant};

use landfall_tests::story::{self, Client, Monitoring, Story};
use serde_json::Value;

use crate::captured::{await_captured, leave_out, set_interfaces};

const DEVELOPMENT: &str = include_str!("../../examples/developments/dpf-annulled.yaml");

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn alerts_arrive_by_agreement_and_resolve_when_traffic_stops() {
    let Some((story, _providers)) = story::or_skip(Story::begin().await) else { return };
    let monitoring = Monitoring::start_at_once(&story, "LandfallPodsNotCaptured").unwrap();
    let clients =
        [("messaging", "node-us"), ("leak", "node-us")].map(|(name, node)| Client::start(&story, name, node).unwrap());
    let send = |client: &Client, url: &str| {
        let send = "curl -sk --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null -d email=jane.roe@example.org";
        client.run(&story, &format!("{send} {url}")).unwrap();
    };
    // Prometheus looks around for some seconds after its start.
    let scraped = || {
        let leader = monitoring.query(&story, "landfall_leader").map_err(|error| error.to_string())?;
        leader["data"]["result"].get(0).map(drop).ok_or_else(|| leader.to_string())
    };
    story.wait_for("a scrape of the operator", scraped).unwrap();
    send(&clients[0], "https://api.twilio.com/messages");
    send(&clients[1], "http://collector.stranger.example/contacts");

    // One notification for the agreement, with all that its people must know.
    let leak = await_alert(&story, &monitoring, "firing", &["LandfallUnlawfulTransfer", "unregistered"]);
    eprintln!("{}", way::Way::of(&story, &monitoring, &leak));
    let labels = &leak["labels"];
    assert_eq!(labels["agreement_namespace"], "privacy");
    assert_eq!(labels["namespace"], "crm");
    assert_eq!(labels["workload"], "Deployment/leak");
    let annotations = &leak["annotations"];
    assert!(annotations["runbook_url"].as_str().unwrap().ends_with("docs/runbooks/LandfallUnlawfulTransfer.md"));
    assert!(annotations["description"].as_str().unwrap().contains("kubectl -n crm get transfers"), "{annotations}");
    await_alert(&story, &monitoring, "firing", &["LandfallIncidentOpen"]);
    let grouped = monitoring.notifications().into_iter().all(|it| it["groupLabels"]["agreement_namespace"].is_string());
    assert!(grouped, "every notification is about one agreement");

    // The basis of a recipient falls: what was conditional is unlawful, and traffic goes on.
    story.cluster.kubectl(&["apply", "-n", "privacy", "-f", "-"], DEVELOPMENT).unwrap();
    send(&clients[0], "https://api.twilio.com/messages");
    let fallen = await_alert(&story, &monitoring, "firing", &["LandfallUnlawfulTransfer", "twilio"]);
    assert_eq!(fallen["labels"]["workload"], "Deployment/messaging");

    // Traffic stops, and the basis is restored: one resolves by the one, the other by the other.
    story.cluster.kubectl(&["delete", "-n", "privacy", "-f", "-"], DEVELOPMENT).unwrap();
    let stopped = Instant::now();
    // While that takes its time: a pod that no pattern of the agents leads to.
    await_captured(&story, "True", "every pod of every node");
    leave_out(&story, "leak");
    await_captured(
        &story,
        "False",
        "whose interface is not captured, or of which that is not known; their transfers may go unseen: node-us",
    );
    let unseen = await_alert(&story, &monitoring, "firing", &["LandfallPodsNotCaptured", "node-us"]);
    let runbook = unseen["annotations"]["runbook_url"].as_str().unwrap();
    assert!(runbook.ends_with("docs/runbooks/LandfallPodsNotCaptured.md"), "{runbook}");
    set_interfaces(&story, "veth*");
    await_captured(&story, "True", "every pod of every node");
    await_alert(&story, &monitoring, "resolved", &["LandfallPodsNotCaptured", "node-us"]);
    eprintln!("a pod without a captured interface, there and back: {:.1} s", stopped.elapsed().as_secs_f64());
    await_alert(&story, &monitoring, "resolved", &["LandfallUnlawfulTransfer", "twilio"]);
    await_alert(&story, &monitoring, "resolved", &["LandfallUnlawfulTransfer", "unregistered"]);
    eprintln!("from the end of it to the resolution: {:.1} s", stopped.elapsed().as_secs_f64());
    // An incident does not end by itself.
    let open = monitoring.query(&story, "landfall_incident_open").unwrap();
    assert!(open["data"]["result"].as_array().unwrap().len() >= 2, "{open}");
}

/// An alert of that state whose labels hold all of these values.
pub(crate) fn await_alert(story: &Story, monitoring: &Monitoring, state: &str, values: &[&str]) -> Value {
    let began = Instant::now();
    loop {
        let notifications = monitoring.notifications();
        let alerts = notifications.iter().rev().filter_map(|it| it["alerts"].as_array()).flatten();
        let holds = |alert: &Value, value: &str| alert["labels"].as_object().unwrap().values().any(|it| it == value);
        let found = alerts.clone().find(|it| it["status"] == state && values.iter().all(|value| holds(it, value)));
        if let Some(found) = found {
            return found.clone();
        }
        if began.elapsed() > Duration::from_mins(4) {
            let known = monitoring.query(story, "ALERTS").unwrap();
            let shown = monitoring.query(story, "{__name__=~\"landfall_(alerting|incident).*\"}").unwrap();
            panic!("{state} {values:?}: {notifications:#?}\n{known}\n{shown}");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
