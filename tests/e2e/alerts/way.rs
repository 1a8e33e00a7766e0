//! The way of an alert in time, from the first packet to whoever is called: by the instants that the ledger,
//! Prometheus, Alertmanager and the webhook keep themselves. All of them run on one machine with one clock.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use landfall_tests::story::{Monitoring, Story};
use serde_json::Value;

/// When it came where.
#[derive(Debug)]
pub(crate) struct Way {
    /// The first packet of the observation.
    first_packet: Timestamp,
    /// Its last packet: from then on its window may be closed, which nobody writes down.
    last_packet: Timestamp,
    /// It stood in the ledger; the agent is told at once.
    shipped: Timestamp,
    /// So did its verdict.
    judged: Timestamp,
    /// Prometheus saw it for the first time.
    scraped: Timestamp,
    /// The alert fired.
    fired: Timestamp,
    /// The webhook had it.
    told: Timestamp,
}

impl Way {
    /// Of the alert about the workload `leak`.
    pub(crate) fn of(story: &Story, monitoring: &Monitoring, alert: &Value) -> Self {
        let records = |kind: &str| -> Vec<Value> {
            let lines = story.ledger("export", &["--kind", kind]).unwrap();
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let instant = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
        let observed = records("observation").into_iter().find(|it| {
            let body = &it["body"];
            body["local"]["workload"]["name"] == "leak"
                && body["sent"]["findings"].as_array().is_some_and(|all| !all.is_empty())
        });
        let observed = observed.expect("the ledger holds what was seen");
        let judged = records("judgment").into_iter().find(|it| {
            let body = &it["body"];
            body["exporter"]["workload"]["name"] == "leak" && body["verdict"]["outcome"] == "Unlawful"
        });
        let judged = judged.expect("the ledger holds what was judged");

        let series = "landfall_alerting_transfers{workload=\"Deployment/leak\",verdict=\"unlawful\"}[10m]";
        let firing = monitoring.notifications();
        let told = firing.iter().find(|it| {
            let alerts = it["alerts"].as_array().into_iter().flatten();
            alerts.into_iter().any(|it| it["fingerprint"] == alert["fingerprint"] && it["status"] == "firing")
        });
        Self {
            first_packet: instant(&observed["body"]["window"]["start"]),
            last_packet: instant(&observed["body"]["window"]["end"]),
            shipped: instant(&observed["at"]),
            judged: instant(&judged["at"]),
            scraped: first_sample(story, monitoring, series),
            fired: instant(&alert["startsAt"]),
            told: seconds(told.expect("it was told")["received"].as_f64().unwrap()),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_packet, last_packet, shipped, judged, scraped, fired, told } = self;
        let since = |from: &Timestamp, until: &Timestamp| until.duration_since(*from).as_secs_f64();
        writeln!(f, "from the first packet to the webhook: {:.1} s", since(first_packet, told))?;
        writeln!(f, "  capture, until the last packet of its window: {:.2} s", since(first_packet, last_packet))?;
        writeln!(f, "  close the window and ship, until it stood in the ledger: {:.2} s", since(last_packet, shipped))?;
        writeln!(f, "  judge, until the verdict was recorded: {:.1} s", since(shipped, judged))?;
        writeln!(f, "  scrape, until Prometheus had it: {:.1} s", since(judged, scraped))?;
        writeln!(f, "  alert, until it fired: {:.1} s", since(scraped, fired))?;
        write!(f, "  webhook, until it was told: {:.1} s", since(fired, told))
    }
}

/// When Prometheus took its first sample of a series.
fn first_sample(story: &Story, monitoring: &Monitoring, range: &str) -> Timestamp {
    let answer = monitoring.query(story, range).unwrap();
    seconds(answer["data"]["result"][0]["values"][0][0].as_f64().expect("it is scraped"))
}

fn seconds(unix: f64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(unix)
}
