//! No output holds a value that the recorded traffic carried.

use std::{collections::BTreeSet, fs, path::Path};

use landfall_detect::{Hint, State, scan};

use crate::{
    observations::capture_of,
    support::{landfall, path, root, watch_all},
};

/// Every value that a detector finds in the bodies that the clients sent, taken by its offsets.
fn planted() -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    collect(&root().join("examples/traffic/bodies"), &mut values);
    // A surname that is also part of the processor's made-up name stands in the register.
    let register = fs::read_to_string(root().join("examples/crm-processor/agreement.yaml")).unwrap();
    values.retain(|value| !register.contains(value.as_str()));
    assert!(values.len() >= 8, "only {} values are planted", values.len());
    values
}

fn collect(folder: &Path, values: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, values);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut state = State::with_spans();
        scan(&mut state, &bytes, if path.extension().is_some_and(|e| e == "json") { Hint::Json } else { Hint::Form });
        let (_, spans) = state.finish_with_spans();
        values.extend(spans.iter().map(|span| {
            let range = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
            String::from_utf8_lossy(&bytes[range]).into_owned()
        }));
    }
}

#[test]
fn no_output_holds_a_value_of_the_traffic() {
    let values = planted();
    let folder = tempfile::tempdir().unwrap();
    let observations = folder.path().join("observations.ndjson");
    let mut outputs = Vec::new();
    for format in ["table", "json", "yaml"] {
        let mut arguments = watch_all();
        arguments
            .extend(["-o", format, "--force", "--observations-out", observations.to_str().unwrap()].map(str::to_owned));
        let run = landfall(arguments);
        outputs.extend([run.stdout, run.stderr]);
    }
    outputs.push(fs::read_to_string(&observations).unwrap());
    for (number, output) in outputs.iter().enumerate() {
        for value in &values {
            assert!(!output.contains(value.as_str()), "output {number} holds a value of {} bytes", value.len());
        }
    }
}

/// Requests that hold names of people in all kinds of keys, with values that are found under them.
fn requests_with_planted_keys() -> Vec<u8> {
    let json = concat!(
        r#"{"mueller": "+49 151 23456789", "Müller": {"erika.mueller": ["erika@example.org"]},"#,
        r#""M\u00fcller": "erika@example.org", "\u006dueller": "203.0.113.7", "mueller_phone": "0151 23456789","#,
        r#""mueller@example.org": {"email": "erika@example.org"}, "EMAIL-MUELLER": "erika@example.org"}"#,
    );
    let form = "mueller=erika%40example.org&m%C3%BCller=%2B4915123456789&users[mueller][mail]=erika%40example.org";
    let head = "X-Mueller: erika@example.org\r\nCookie: mueller=erika@example.org\r\nmueller: +49 151 23456789\r\n";
    let mut all = String::new();
    for (media_type, body) in
        [("application/json", json), ("application/x-www-form-urlencoded", form), ("text/plain", json)]
    {
        let len = body.len();
        let request = format!(
            "POST /?mueller=erika%40example.org&M%75eller[x]=203.0.113.7 HTTP/1.1\r\nHost: api.example.org\r\n{head}\
             Content-Type: {media_type}\r\nContent-Length: {len}\r\n\r\n{body}"
        );
        all.push_str(&request);
    }
    all.into_bytes()
}

#[test]
fn no_output_holds_the_name_of_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let payload = requests_with_planted_keys();
    let segments: Vec<_> = payload.chunks(1000).map(|part| (0, part)).collect();
    fs::write(at("planted.pcap"), capture_of(&segments)).unwrap();
    let (register, workloads) = (path("examples/crm-processor"), path("examples/traffic/workloads.yaml"));
    let mut outputs = Vec::new();
    for format in ["table", "json", "yaml"] {
        let [seen, ledger] = ["observations", "ledger"].map(|name| at(&format!("{name}-{format}")));
        let watched = landfall([
            "watch",
            "--register",
            &register,
            "--workloads",
            &workloads,
            "--pcap",
            &at("planted.pcap"),
            "-o",
            format,
            "--observations-out",
            &seen,
            "--ledger",
            &ledger,
        ]);
        assert_eq!(watched.status, 0, "{}", watched.stderr);
        let judged = landfall(["judge", "--register", &register, "--observations", &seen, "-o", format, "--explain"]);
        let shown = landfall(["ledger", "show", &ledger, "-o", format]);
        let exported = landfall(["ledger", "export", &ledger, "--body"]);
        let flows = landfall(["flows", "--pcap", &at("planted.pcap"), "-o", format]);
        assert!(
            exported.stdout.contains("\"key:*\"") && exported.stdout.contains("\"header:*\""),
            "{}",
            exported.stderr
        );
        assert!(exported.stdout.contains("\"key:mail\"") && exported.stdout.contains("\"key:email\""));
        outputs.extend([watched, judged, shown, exported, flows].into_iter().flat_map(|run| [run.stdout, run.stderr]));
        outputs.push(fs::read_to_string(&seen).unwrap());
    }
    for (number, output) in outputs.iter().enumerate() {
        let output = output.to_lowercase();
        let shown =
            ["mueller", "müller", "m\\u00fc", "m%c3", "erika", "23456789"].iter().find(|part| output.contains(**part));
        assert_eq!(shown, None, "output {number}");
    }
}
