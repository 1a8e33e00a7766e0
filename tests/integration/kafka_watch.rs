//! The topics of a real cluster, observed and judged. (`landfall watch --kafka`)

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use landfall_tests::kafka::{Broker, servers_or_skip, shared};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};

use crate::support::{binary, interrupt, landfall};

/// A processor whose listed sub-processor in the United States, without a basis, has the addresses of this machine.
const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: avv, namespace: privacy }
spec:
  revision: "2026-01-01"
  processor: { legalName: Processor GmbH, seat: DE, land: DE-BE, zone: Europe/Berlin }
  recipients: [{ ref: acme, clause: "Annex 3 no. 1" }]
  scope: { categories: [{ category: "pd:EmailAddress", clause: L56 }] }
  obligations: [{ id: SUB-LIST, lines: [L36] }, { id: TRF-GATE, lines: [L12] }, { id: AVV-SCOPE, lines: [L56] }]
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme Inc., seat: US }, source: contract, asOf: 2026-11-01 }
  endpoints:
    - name: readers
      cidrs: [127.0.0.0/8]
      source: contract
      asOf: 2026-11-01
      processing: { value: [US], source: contract, asOf: 2026-11-01 }
  onward: []
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["BOOTSTRAP"]
  agreementRef: { namespace: privacy, name: avv }
  topics: [{ name: watched, include: { prefixes: [watch.] } }]
  excludedTopics: { names: [watch.excluded] }
  sampling: { periodSeconds: 10 }
  brokers:
    - { name: own, ids: [1], operator: Processor GmbH, place: { value: DE, source: inventory, asOf: 2026-11-01 } }
"#;

/// Ends a process that a test started.
struct Ending(std::process::Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn write(broker: &Broker, topic: &str, count: usize) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
    for number in 0..count {
        let value = json!({ "email": format!("person{number}@example.org") }).to_string();
        let record = BaseRecord::<str, [u8]>::to(topic).partition(0).payload(value.as_bytes());
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(Duration::from_mins(1)).unwrap();
}

#[test]
fn a_reader_in_a_third_country_without_a_basis_is_told_while_it_reads() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    for topic in ["watch.contacts", "watch.excluded"] {
        broker.create_topic(topic, 1, &[]).unwrap();
        write(broker, topic, 10);
    }
    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "watch-readers")
        .create()
        .unwrap();
    reader.subscribe(&["watch.contacts", "watch.excluded"]).unwrap();
    while reader.assignment().unwrap().count() < 2 {
        reader.poll(Duration::from_millis(100));
    }

    let folder = tempfile::tempdir().unwrap();
    let register = folder.path().join("register");
    fs::create_dir(&register).unwrap();
    fs::write(register.join("all.yaml"), REGISTER.replace("BOOTSTRAP", &broker.bootstrap())).unwrap();
    let file = folder.path().join("observations.ndjson");
    let mut watch = Command::new(binary())
        .args(["watch", "--kafka", &broker.bootstrap(), "-o", "json", "--register"])
        .arg(&register)
        .arg("--observations-out")
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Ending)
        .unwrap();
    let stdout = BufReader::new(watch.0.stdout.take().unwrap());
    let mut lines = stdout.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let unlawful = lines.find(|transfer| transfer["verdict"]["outcome"] == "Unlawful").expect("the reader is judged");
    assert_eq!(unlawful["exporter"]["topic"], json!({ "namespace": "crm", "bus": "events", "name": "watch.contacts" }));
    assert_eq!(unlawful["recipient"], "acme");

    // More is written: what the reader is taken to get is an estimate and no exact byte.
    write(broker, "watch.contacts", 20);
    while let Some(message) = reader.poll(Duration::from_secs(10)) {
        let message = message.unwrap();
        if rdkafka::Message::topic(&message) == "watch.contacts" && rdkafka::Message::offset(&message) == 29 {
            break;
        }
    }
    interrupt(&watch.0);
    let last: Vec<Value> = lines.collect();
    let status = watch.0.wait().unwrap();
    assert!(status.success(), "{status}");
    let outcomes: Vec<_> = last
        .iter()
        .map(|transfer| (transfer["recipient"].as_str().unwrap(), transfer["verdict"]["outcome"].as_str().unwrap()))
        .collect();
    assert!(outcomes.contains(&("acme", "Unlawful")), "{last:#?}");
    let observations = fs::read_to_string(&file).unwrap();
    assert!(!observations.contains("watch.excluded") && !observations.contains("example.org"), "{observations}");

    // What was recorded is judged as what was seen.
    let file = file.to_str().unwrap();
    let judged = landfall(["judge", "--register", register.to_str().unwrap(), "--observations", file, "-o", "json"]);
    assert_eq!(judged.status, 0, "{}", judged.stderr);
    let of_judge: Vec<_> = judged.json();
    assert!(of_judge.iter().any(|transfer| transfer["verdict"]["outcome"] == "Unlawful"), "{of_judge:#?}");
}

#[test]
fn a_cluster_with_another_id_is_not_read() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let register = REGISTER.replace("BOOTSTRAP", &broker.bootstrap());
    let other = register.replace(
        "  agreementRef: { namespace: privacy, name: avv }\n",
        "  agreementRef: { namespace: privacy, name: avv }\n  clusterId: another\n",
    );
    assert_ne!(register, other);
    fs::write(folder.path().join("all.yaml"), other).unwrap();
    let mut watch = Command::new(binary())
        .args(["watch", "--kafka", &broker.bootstrap(), "--register"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map(Ending)
        .unwrap();
    let stderr = BufReader::new(watch.0.stderr.take().unwrap());
    let told = stderr.lines().map(Result::unwrap).find(|line| line.contains("expected another"));
    assert!(told.is_some_and(|line| line.contains(broker.cluster_id())));
}
