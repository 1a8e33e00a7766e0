//! How fast the ledger takes observations in, and what a record costs on the disk, before and after it is
//! sealed (docs/performance.md). `cargo run --release -p landfall-evidence --example ledger_speed -- FOLDER`

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    time::Instant,
};

use jiff::Timestamp;
use landfall_evidence::{Batch, Ledger, Reader, Signer, Source, verify};

const AGENTS: u64 = 1000;
const OBSERVATIONS: u64 = 50;
const ROUNDS: u64 = 6;

/// An observation as an agent writes it: a workload of some, a remote of some, counts of its own.
fn observation(agent: u64, seq: u64, minute: i64) -> String {
    let (workload, remote) = ((agent * 7 + seq) % 40, (agent + seq * 13) % 300);
    let start = Timestamp::from_second(1_795_000_000 + minute * 60 + (seq % 50).cast_signed()).unwrap();
    let end = Timestamp::from_nanosecond(start.as_nanosecond() + 1_234_567 * i128::from(seq % 1000 + 1)).unwrap();
    let (sent, received) = (1000 + seq * 977 % 90_000, 3000 + seq * 7919 % 900_000);
    format!(
        r#"{{"schema":"landfall.observation/v1","cluster":"eu-central-1","agent":"node-{agent}","epoch":3,"seq":{seq},"window":{{"start":"{start}","end":"{end}"}},"local":{{"namespace":"shop-{}","kind":"Deployment","name":"worker-{workload}","pod":"worker-{workload}-7f9c6d5b8-{:05x}","labels":{{"app":"worker-{workload}","landfall.dev/categories":"pd:EmailAddress"}},"method":"pod-ip"}},"remote":{{"address":"203.0.113.0/24"}},"initiator":"local","channel":{{"transport":"tcp","port":443,"protocol":"tls","host":"api-{remote}.example.org","hostMethod":"sni","names":[{{"name":"api-{remote}.example.org","method":"sni"}}],"ech":false,"tls":{{"version":"1.3","alpn":"h2"}}}},"location":[{{"method":"cloud-range","jurisdiction":"DE","cloud":{{"provider":"aws","region":"eu-central-1"}},"confidence":"high","dataset":"ip-ranges.json","datasetDate":"2026-11-20T00:00:00Z"}}],"sent":{{"bytes":{sent},"packets":{},"connections":{},"findings":[],"payloadBytesSeen":0}},"received":{{"bytes":{received},"packets":{},"connections":0,"findings":[],"payloadBytesSeen":0}},"inspection":"opaque","coverage":{{}}}}"#,
        workload % 8,
        agent * 31 % 0xf_ffff,
        sent / 700 + 2,
        seq % 3 + 1,
        received / 1300 + 2,
    )
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }).sum()
}

fn main() {
    let root = std::env::args().nth(1).expect("a folder on the disk to be measured");
    let root = Path::new(&root);
    let signer = || Signer::open_or_create(&root.join("signing-key.pem")).unwrap();
    fs::create_dir_all(root).unwrap();
    let public = signer().public();
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    let mut out = io::stdout();
    for grouped in [1, 10, 100] {
        let folder = root.join(format!("grouped-{grouped}"));
        let mut ledger = Ledger::open(&folder, signer(), 0).unwrap();
        let sources: Vec<_> = (0..AGENTS)
            .map(|agent| Source { cluster: "eu-central-1".to_owned(), agent: format!("node-{agent}"), epoch: 3 })
            .collect();
        let (mut bodies, mut taking, mut worst) = (0, 0.0, 0.0_f64);
        for round in 0..ROUNDS {
            let lines: Vec<Vec<String>> = (0..AGENTS)
                .map(|agent| {
                    let seqs = round * OBSERVATIONS..(round + 1) * OBSERVATIONS;
                    seqs.map(|seq| observation(agent, seq, round.cast_signed())).collect()
                })
                .collect();
            bodies += lines.iter().flatten().map(String::len).sum::<usize>();
            let numbered: Vec<Vec<(u64, &[u8])>> = lines
                .iter()
                .map(|lines| (round * OBSERVATIONS..).zip(lines.iter().map(String::as_bytes)).collect())
                .collect();
            let batches: Vec<_> =
                sources.iter().zip(&numbered).map(|(source, observations)| Batch { source, observations }).collect();
            for batches in batches.chunks(grouped) {
                let began = Instant::now();
                ledger.take_all(batches, now).unwrap();
                let took = began.elapsed().as_secs_f64();
                taking += took;
                worst = worst.max(took);
            }
        }
        let records = AGENTS * OBSERVATIONS * ROUNDS;
        let before = fs::metadata(folder.join("ledger.db")).unwrap().len();
        let (mut sealing, mut longest, mut segments) = (0.0, 0.0_f64, 0);
        loop {
            let began = Instant::now();
            let sealed = ledger.seal(now).unwrap();
            let took = began.elapsed().as_secs_f64();
            sealing += took;
            longest = longest.max(took);
            if sealed.is_none() {
                break;
            }
            segments += 1;
        }
        let after = size(&folder.join("segments"));
        let began = Instant::now();
        let report = verify(&folder, &public, now).unwrap();
        let verifying = began.elapsed().as_secs_f64();
        assert!(report.findings.is_empty() && report.records == records);
        let began = Instant::now();
        assert_eq!(Reader::open(&folder).unwrap().count() as u64, records);
        let reading = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let per = |bytes: u64| bytes as f64 / records as f64;
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let rate = |seconds: f64| records as f64 / seconds;
        writeln!(
            out,
            "{grouped} batches of {OBSERVATIONS} a transaction: {records} records of {:.0} bytes; taken {:.0}/s, longest \
             {:.1} ms; {:.0} bytes a record before sealing; sealed {:.0}/s into {segments} segments, longest {:.0} ms, \
             {:.1} bytes a record; verified {:.0}/s, read {:.0}/s",
            per(bodies as u64),
            rate(taking),
            worst * 1e3,
            per(before),
            rate(sealing),
            longest * 1e3,
            per(after),
            rate(verifying),
            rate(reading),
        )
        .unwrap();
    }
}
