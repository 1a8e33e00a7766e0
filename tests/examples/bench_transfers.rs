//! A change of the law hits Transfers: how long until each object says so. `make bench-transfers` runs it.
//!
//!     bench_transfers [TRANSFERS [HOST...]]        5000, to five registered hosts, if not told otherwise
//!
//! A real operator on one core beside a real API server holds so many Transfers; agents delivered them by their protocol,
//! 1,000 a namespace. Then a LegalDevelopment is applied, and two seconds later, in the middle of the writes, the
//! agreement is edited. What counts is what a watch of the Transfers sees, as anybody's `kubectl get --watch` would.
#![expect(clippy::print_stdout, reason = "prints figures")]

#[path = "bench_transfers/delivery.rs"]
mod delivery;
#[path = "load/observing.rs"]
mod observing;
#[path = "load/process.rs"]
mod process;
#[path = "bench_transfers/record.rs"]
mod record;

use std::{
    error::Error,
    thread::sleep,
    time::{Duration, Instant},
};

use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use landfall_api::{LegalDevelopmentSpec, ProcessingAgreementSpec, Stored};
use landfall_tests::{
    cluster::{ControlPlane, Options},
    operator::{Operator, install},
};
use serde_json::json;

use self::{delivery::deliver, record::Record};

const HOSTS: [&str; 5] = [
    "api.twilio.com",
    "graph.facebook.com",
    "eu.api.openai.com",
    "generativelanguage.googleapis.com",
    "services.leadconnectorhq.com",
];
const DEVELOPMENT: &str = include_str!("../../examples/developments/dpf-annulled.yaml");
/// When the agreement is edited, after the development was applied.
const EDIT: Duration = Duration::from_secs(2);
/// It is over when nothing was written for so long.
const QUIET: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(5);

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let transfers: usize = arguments.next().map(|count| count.parse()).transpose()?.unwrap_or(5_000);
    let given: Vec<_> = arguments.collect();
    let hosts = if given.is_empty() { HOSTS.map(str::to_owned).to_vec() } else { given };
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a provider of TLS was set before")?;
    let runtime = tokio::runtime::Runtime::new()?;
    // Nobody reads the log of all requests with their bodies here, and it costs what is measured.
    let options = Options { api_server: vec!["--audit-log-path=".into()], ..Options::default() };
    let plane = runtime.block_on(ControlPlane::start(options))?;
    let kubeconfig = runtime.block_on(install(&plane))?;
    let folder = tempfile::tempdir()?;
    let operator = Operator::start(folder.path(), &kubeconfig, &["taskset", "-c", "0"], &["--log-level", "warn"])?;
    operator.await_ready(Duration::from_mins(1))?;
    let client = runtime.block_on(plane.client())?;
    let token = runtime.block_on(plane.token("landfall-system", "landfall-agent", Some("landfall-operator")))?;

    println!("{transfers} Transfers to {} hosts, operator on one core", hosts.len());
    let began = Instant::now();
    deliver(&plane, &operator, &token, transfers, &hosts)?;
    let record = runtime.block_on(Record::begin(client.clone(), transfers, PATIENCE))?;
    record.await_quiet(QUIET, PATIENCE)?;
    println!("  made within {:.1} s", record.last().duration_since(began).as_secs_f64());
    println!("  {}", state(&operator)?);

    record.forget();
    let before = Rejudged::of(&operator);
    let ticks = process::processor(operator.pid())?;
    let development: Stored<LegalDevelopmentSpec> = serde_saphyr::from_str(DEVELOPMENT)?;
    let developments: Api<Stored<LegalDevelopmentSpec>> = Api::all(client.clone());
    let applied = Instant::now();
    runtime.block_on(developments.create(&PostParams::default(), &development))?;
    sleep(EDIT.saturating_sub(applied.elapsed()));
    let between = Rejudged::of(&operator);
    let edit = runtime.block_on(edit_agreement(client))?;
    record.await_quiet(QUIET, PATIENCE)?;
    let after = Rejudged::of(&operator);
    let busy = process::processor(operator.pid())?.saturating_sub(ticks);

    let changes = record.changes();
    let seconds = |at: Option<Instant>| at.map_or(0.0, |at| at.duration_since(applied).as_secs_f64());
    println!(
        "  judged again, all of them: {}, then {} (at most 100 ms)",
        between.since(&before),
        after.since(&between)
    );
    println!(
        "  {} worsened: the first seen after {:.1} s, the last after {:.1} s (at most 10 s)",
        changes.worsened,
        seconds(changes.first),
        seconds(changes.last_worsened),
    );
    println!(
        "  {} changed: the last seen after {:.1} s (at most 30 s)",
        changes.changed,
        seconds(changes.last_changed)
    );
    println!(
        "  in another order than worst first: {} of them, by {} places at most (16 are written at once)",
        changes.out_of_order, changes.furthest
    );
    for ((from, to), count) in &changes.moves {
        println!("    {count} from {from} to {to}");
    }
    println!("  the agreement, edited after {EDIT:?}, was in force and said so after {:.1} s", edit.as_secs_f64());
    println!("  processor {busy:?} until it was quiet; {}", state(&operator)?);
    operator.stop()?;
    Ok(())
}

/// Edits a field of the agreement that changes no verdict; how long until it says that it is in force.
async fn edit_agreement(client: Client) -> Result<Duration, Failure> {
    let agreements: Api<Stored<ProcessingAgreementSpec>> = Api::namespaced_with(client, "privacy", &());
    let began = Instant::now();
    let change = Patch::Merge(json!({ "spec": { "contact": { "name": "Datenschutz II" } } }));
    agreements.patch("crm-processor", &PatchParams::default(), &change).await?;
    loop {
        let agreement = agreements.get("crm-processor").await?;
        let observed = agreement.status.and_then(|status| status.observed_generation);
        if observed == agreement.metadata.generation {
            return Ok(began.elapsed());
        }
        if began.elapsed() > PATIENCE {
            return Err("the edited agreement was not taken up".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How often everything was judged again so far, and how long that took in all.
struct Rejudged {
    count: f64,
    sum: f64,
}

impl Rejudged {
    fn of(operator: &Operator) -> Self {
        let value = |name: &str| operator.metric(&format!("landfall_rejudge_seconds_{name}")).unwrap_or_default();
        Self { count: value("count"), sum: value("sum") }
    }

    fn since(&self, before: &Self) -> String {
        format!("{:.0} ms in {:.0} rounds", (self.sum - before.sum) * 1e3, self.count - before.count)
    }
}

/// Memory, and what waits.
fn state(operator: &Operator) -> Result<String, Failure> {
    let resident = process::memory(operator.pid(), "VmRSS")?;
    let value = |name: &str| operator.metric(name).unwrap_or_default();
    Ok(format!(
        "resident {resident}, Transfers waiting {}, Incidents waiting {}, writes that failed {}",
        value("landfall_objects_waiting{kind=\"Transfer\"}"),
        value("landfall_objects_waiting{kind=\"Incident\"}"),
        value("landfall_object_writes_total{kind=\"Transfer\",result=\"failed\"}"),
    ))
}
