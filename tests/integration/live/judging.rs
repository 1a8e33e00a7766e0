//! What is captured live is judged as the recording of the same traffic.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use landfall_agent::source::{CaptureFile, LinkType};
use serde_json::Value;

use super::network::{Network, await_true, is_possible};
use crate::support::{captures, landfall, path};

/// One instant for both, since the recording is of another day.
const AT: &str = "2026-11-23T12:00:00Z";

fn watch(source: &[&str]) -> Vec<String> {
    let mut arguments: Vec<String> = ["watch", "--json", "--at", AT, "--register"].map(str::to_owned).to_vec();
    arguments.push(path("examples/crm-processor"));
    arguments.extend(["--locations".to_owned(), path("examples/locations")]);
    arguments.extend(["--workloads".to_owned(), path("examples/traffic/workloads.yaml")]);
    arguments.extend(source.iter().map(|&argument| argument.to_owned()));
    arguments
}

/// The last word on each transfer, without the times.
fn last_words(transfers: Vec<Value>) -> BTreeMap<String, Value> {
    let mut last = BTreeMap::new();
    for mut transfer in transfers {
        let object = transfer.as_object_mut().unwrap();
        object.remove("firstSeen").unwrap();
        object.remove("lastSeen").unwrap();
        for holder in ["categories", "verdict"] {
            for sighting in object[holder]["sightings"].as_array_mut().into_iter().flatten() {
                sighting["first"].take();
                sighting["last"].take();
            }
        }
        without_instants(&mut transfer["verdict"]["grounds"]);
        without_instants(&mut transfer["verdict"]["notes"]);
        let object = transfer.as_object().unwrap();
        let id = ["agreement", "exporter", "recipient", "endpoint"].map(|key| object[key].to_string()).join(" ");
        last.insert(id, transfer);
    }
    last
}

/// Takes out of sentences since when something is held.
fn without_instants(sentences: &mut Value) {
    for sentence in sentences.as_array_mut().into_iter().flatten() {
        if let Some(since) = sentence.pointer_mut("/says/arguments/since") {
            since.take();
        }
        let text = sentence["text"].as_str().map(ToOwned::to_owned);
        if let Some((before, (_, behind))) = text
            .as_deref()
            .and_then(|text| text.split_once("held since "))
            .and_then(|(a, b)| Some((a, b.split_once(": ")?)))
        {
            sentence["text"] = format!("{before}{behind}").into();
        }
    }
}

/// The frames of a capture as `send.py` reads them; `None` if it does not hold whole Ethernet frames.
fn frames(capture: &Path) -> Option<Vec<u8>> {
    let mut file = CaptureFile::open(capture).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = file.next_frame().unwrap() {
        let length = u32::try_from(frame.data.len()).unwrap();
        if frame.link != LinkType::Ethernet || frame.original_len != length {
            return None;
        }
        frames.extend(length.to_be_bytes());
        frames.extend(frame.data);
    }
    Some(frames)
}

#[test]
fn the_recorded_traffic_on_a_wire_gives_the_transfers_of_the_recording() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut all) = (Vec::new(), Vec::new());
    for file in captures() {
        if let Some(frames) = frames(&file) {
            all.extend(frames);
            files.push(file.to_str().unwrap().to_owned());
        }
    }
    assert!(files.len() > 30);
    let sent = folder.path().join("frames");
    fs::write(&sent, all).unwrap();
    let mut recorded = watch(&["--pcap"]);
    recorded.extend(files);
    let recorded = last_words(landfall(recorded).json());
    assert!(recorded.len() > 20);

    let network = Network::new().pod("a", &["192.0.2.200/32"]);
    let observations = folder.path().join("observations.ndjson");
    let arguments = watch(&["--interface", "veth-a", "--observations-out", observations.to_str().unwrap()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let live = network.listen(&arguments, "listening on veth-a");
    network.send("a", &sent, 1);
    let run = live.stop();
    assert!(run.stderr.contains(" 0 dropped by the kernel"), "{}", run.stderr);
    let live = last_words(run.json());
    for id in live.keys().chain(recorded.keys()) {
        assert_eq!(live.get(id), recorded.get(id), "{id}");
    }
}

/// A process that is ended with the guard.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An endpoint of TLS in pod `service`, with a certificate for the run.
fn serve_tls(network: &Network, folder: &Path) -> Guarded {
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let mut certificate = network.command("service", "openssl");
    certificate.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    certificate.args(["-subj", "/CN=services.leadconnectorhq.com", "-keyout", &file("key"), "-out", &file("cert")]);
    assert!(certificate.stderr(Stdio::null()).status().unwrap().success());
    let mut server = network.command("service", "openssl");
    server.args(["s_server", "-www", "-quiet", "-accept", "443", "-key", &file("key"), "-cert", &file("cert")]);
    let server = Guarded(server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let answers = || {
        let mut probe = network.command("service", "bash");
        probe.args(["-c", "true >/dev/tcp/198.51.100.2/443"]).stderr(Stdio::null()).status().unwrap().success()
    };
    await_true(Duration::from_mins(1), answers, || "no server".to_owned());
    server
}

#[test]
fn a_real_client_is_judged_at_once_and_as_in_the_recording_beside_it() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let network = Network::new().pod("crm-sync", &["192.0.2.10/32"]).pod("service", &["198.51.100.2/32"]);
    let server = serve_tls(&network, folder.path());
    let capture = folder.path().join("beside.pcap");
    let mut tcpdump = network.command("node", "tcpdump");
    tcpdump.args(["-i", "veth-crm-sync", "-s", "0", "-U", "--immediate-mode", "-Z", "root", "-w"]).arg(&capture);
    let tcpdump = super::network::Listening::start(tcpdump, "listening on veth-crm-sync");

    let observations = folder.path().join("observations.ndjson");
    let arguments = watch(&["--interface", "veth-*", "--observations-out", observations.to_str().unwrap()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let live = network.listen(&arguments, "listening on veth-service");
    let mut curl = network.command("crm-sync", "curl");
    curl.args(["-sk", "-m", "20", "-o", "/dev/null", "--noproxy", "*"]);
    curl.args(["--resolve", "services.leadconnectorhq.com:443:198.51.100.2"]);
    assert!(curl.arg("https://services.leadconnectorhq.com/contacts/").status().unwrap().success());

    // A new key is sent, judged and printed at once: within two seconds, if the machine is not busy.
    await_true(Duration::from_mins(1), || live.stdout().contains("highlevel"), || live.stderr());
    let early = fs::read_to_string(&observations).unwrap();
    assert_eq!(early.lines().filter(|line| line.contains("services.leadconnectorhq.com")).count(), 1, "{early}");

    drop(server);
    let live = live.stop();
    let recording = tcpdump.stop();
    assert!(recording.stderr.contains("0 packets dropped by kernel"), "{}", recording.stderr);
    let recorded = landfall(watch(&["--pcap", capture.to_str().unwrap()]));
    let of = |transfers: Vec<Value>| {
        let mut words = last_words(transfers);
        words.retain(|id, _| id.contains("highlevel"));
        words
    };
    let (live, recorded) = (of(live.json()), of(recorded.json()));
    assert_eq!(live.len(), 1);
    assert_eq!(live, recorded);
    // And as the recorded example of the same client and service, but for what curl offers.
    let example = of(landfall(watch(&["--pcap", &path("examples/traffic/captures/03-highlevel-http2.pcapng")])).json());
    let verdict = |words: &BTreeMap<String, Value>| {
        words.iter().map(|(id, transfer)| (id.clone(), transfer["verdict"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(verdict(&live), verdict(&example));
}
