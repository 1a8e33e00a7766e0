//! The example register: it loads without a warning, and shows what its README says.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::Timestamp;
use landfall_observation::{Observation, decode};
use landfall_register::{Compiled, compile, load};
use landfall_transfer_law::{ChannelFacts, Counterpart, Edge, EdgeId, Exporter, ObservedCategories, Volume, judge};
use serde_json::{Value, json};

fn example() -> Compiled {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/crm-processor");
    compile(&load(&folder).map_err(|errors| errors.to_string()).expect("the example is sound"))
}

/// A TLS connection of ten minutes before the first recording to `host` at `address`.
fn observation(host: &str, address: &str, location: &Value) -> Observation {
    let line = json!({
        "schema": "landfall.observation/v1",
        "cluster": "test", "agent": "test", "epoch": 1, "seq": 1,
        "window": {"start": "2026-11-23T07:00:00Z", "end": "2026-11-23T07:00:59Z"},
        "local": {"workload": {"namespace": "crm", "kind": "Deployment", "name": "crm-sync", "tenant": "tenant-a"}},
        "remote": {"address": address},
        "initiator": "local",
        "channel": {"transport": "tcp", "port": 443, "protocol": "tls", "host": host, "hostMethod": "sni"},
        "location": location,
        "sent": {"bytes": 100, "packets": 1, "connections": 1},
        "received": {"bytes": 100, "packets": 1},
        "inspection": "opaque",
    });
    decode(&line.to_string()).expect("a sound observation")
}

fn outcome(compiled: &Compiled, observation: &Observation) -> (Counterpart, String) {
    let resolved = compiled.resolver.resolve(observation);
    assert_eq!(resolved.len(), 1);
    let counterpart = resolved[0].counterpart.clone();
    let (recipient, endpoint) = match &counterpart {
        Counterpart::Registered { recipient, endpoint } => (recipient.clone(), endpoint.clone()),
        _ => (String::new(), String::new()),
    };
    let edge = Edge {
        id: Arc::new(EdgeId {
            cluster: "test".to_owned(),
            agreement: resolved[0].agreement.clone(),
            exporter: Exporter::workload("crm", "Deployment", "crm-sync"),
            recipient,
            endpoint,
        }),
        counterpart: counterpart.clone(),
        tenants: BTreeSet::from(["tenant-a".to_owned()]),
        untenanted: false,
        only_attempts: false,
        categories: ObservedCategories::default(),
        location: observation.location.clone(),
        channel: ChannelFacts::default(),
        first_seen: observation.window.start,
        last_seen: observation.window.end,
        volume: Volume::default(),
    };
    let at: Timestamp = "2026-11-23T07:00:00Z".parse().expect("an instant");
    (counterpart, format!("{:?}", judge(&compiled.ruleset, &edge, at).outcome))
}

#[test]
fn it_loads_without_a_warning() {
    let compiled = example();
    assert_eq!(compiled.warnings, []);
    assert_eq!(compiled.ruleset.recipients.len(), 8);
    assert_eq!(compiled.ruleset.version.len(), 64);
    let keep: Vec<_> = compiled.agent.keep_prefixes.iter().map(ToString::to_string).collect();
    // The first three are those of the demonstration's cluster.
    let of_cluster = ["10.99.0.1/32", "10.99.0.11/32", "10.99.0.12/32"];
    let (cluster, keep) = keep.split_at(of_cluster.len());
    assert_eq!(cluster, of_cluster);
    assert_eq!(keep, ["192.0.2.0/26", "192.0.2.53/32", "203.0.113.112/28", "2001:db8:0:1::/64"]);
}

#[test]
fn each_recipient_shows_what_the_readme_says() {
    let compiled = example();
    let nowhere = json!([]);
    let us_east = json!([{
        "method": "cloud-range", "jurisdiction": "US", "cloud": {"provider": "gcp", "region": "us-east1"},
        "confidence": "high", "dataset": "cloud.json",
    }]);
    let cases = [
        ("services.leadconnectorhq.com", &nowhere, "highlevel/platform", "Conditional"),
        ("graph.facebook.com", &nowhere, "meta-wa/cloud-api", "Permitted"),
        ("mmg.whatsapp.net", &nowhere, "meta-wa/media", "Permitted"),
        ("api.twilio.com", &nowhere, "twilio/us1", "Conditional"),
        ("api.dublin.ie1.twilio.com", &nowhere, "twilio/ie1", "Conditional"),
        ("app.closebot.com", &nowhere, "chatbot-mw/platform", "Unlawful"),
        ("api.eu.synthflow.ai", &nowhere, "voice-ai/eu", "IntraEea"),
        ("api.synthflow.ai", &us_east, "voice-ai/global", "Unlawful"),
        ("api.openai.com", &nowhere, "openai/global", "Permitted"),
        ("eu.api.openai.com", &nowhere, "openai/eu", "Permitted"),
        ("api.anthropic.com", &nowhere, "anthropic/api", "Permitted"),
        ("generativelanguage.googleapis.com", &nowhere, "gemini/global", "Conditional"),
        ("aiplatform.eu.rep.googleapis.com", &nowhere, "gemini/eu", "Conditional"),
    ];
    let mut found = Vec::new();
    for (host, location, ..) in &cases {
        let (counterpart, outcome) = outcome(&compiled, &observation(host, "198.51.100.0/24", location));
        let Counterpart::Registered { recipient, endpoint } = counterpart else { panic!("{host}: {counterpart:?}") };
        found.push((*host, format!("{recipient}/{endpoint}"), outcome));
    }
    let expected: Vec<_> = cases.iter().map(|case| (case.0, case.2.to_owned(), case.3.to_owned())).collect();
    assert_eq!(found, expected);
}
