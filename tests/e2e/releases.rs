//! A life with Helm on real nodes: install the previous revision, upgrade, roll back, uninstall, install again. The evidence
//! outlives all of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use landfall_tests::{
    chart::{Helm, NAMESPACE, present, previous, values},
    operator::{EXAMPLE, apply_register},
    story::{self, Client, PROVIDERS, Story},
};

use crate::{inventory::inventory, processes, sums::await_held};

const DEFINITIONS: &str = "landfall-crds";
const LEGAL_DATA: &str = "landfall-legal-data";
/// What stays of the kinds that `keep` keeps: facts about transfers, and what people know of incidents.
const KEPT: [&str; 2] = ["Transfer crm/", "Incident privacy/"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn the_evidence_outlives_upgrade_rollback_and_reinstallation() {
    let began = Instant::now();
    let done = |what: &str| eprintln!("[{:>3} s] {what}", began.elapsed().as_secs());
    let Some((mut story, providers)) = story::or_skip(Story::prepare(&PROVIDERS).await) else { return };
    story.offer_shared_volume("ledger").unwrap();
    let four = story.helm(4).unwrap();
    let old = |chart: &str| previous(chart).unwrap();
    run(&four, &["install", DEFINITIONS, &old(DEFINITIONS), "--create-namespace"]);
    story.cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "").unwrap();
    apply_register(&story.cluster, Path::new(EXAMPLE)).unwrap();
    let clients: Vec<_> = [("assistant", "node-eu"), ("messaging", "node-us"), ("leak", "node-us")]
        .map(|(name, node)| Client::start(&story, name, node).unwrap())
        .into();
    let before = inventory(&story).unwrap();
    run(&four, &["install", LEGAL_DATA, &old(LEGAL_DATA)]);
    install(&four, &old("landfall"));
    story.ready().unwrap();
    done("Helm 4 has installed the previous revision");
    let see = || {
        send(&story, &clients);
        await_held(&story, &clients, &providers);
    };
    see();
    let shown = story.wait_for("the Transfers", || transfers(&story, 3)).unwrap();
    println!("{}", story.cluster.kubectl(&["get", "tr", "-A"], "").unwrap());
    let mut held = Held::look(&story);

    for chart in [DEFINITIONS, LEGAL_DATA] {
        run(&four, &["upgrade", chart, &present(chart)]);
    }
    upgrade(&four, "operator.refresh=4s");
    story.ready().unwrap();
    done("upgraded to the present one");
    assert_eq!(refresh(&story), "4s");
    processes::are_nobody(&story);
    see();
    held = held.continues(&story);
    still_shown(&story, &shown);

    run(&four, &["rollback", "landfall", "1"]);
    story.ready().unwrap();
    done("rolled back");
    assert_eq!(refresh(&story), "5s");
    see();
    held = held.continues(&story);
    let said = story.test().unwrap();
    assert!(said.contains("the installation can work"), "{said}");

    uninstall(&four);
    story.wait_for("everything gone that is not kept", || nothing_else_is_left(&story, &before)).unwrap();
    done("uninstalled");

    // What is left is enough to go on from, and Helm 3 does it.
    let three = story.helm(3).unwrap();
    for chart in [DEFINITIONS, LEGAL_DATA] {
        run(&three, &["install", chart, &present(chart)]);
    }
    install(&three, &present("landfall"));
    story.ready().unwrap();
    done("Helm 3 has installed the present revision on what was left");
    see();
    held = held.continues(&story);
    still_shown(&story, &shown);
    upgrade(&three, "operator.refresh=3s");
    story.ready().unwrap();
    assert_eq!(refresh(&story), "3s");
    see();
    held.continues(&story);
    uninstall(&three);
    story.wait_for("everything gone that is not kept", || nothing_else_is_left(&story, &before)).unwrap();
    let verified = story.ledger("verify", &[]).unwrap();
    done(&format!("uninstalled by Helm 3; the ledger: {verified}"));
}

fn run(helm: &Helm, arguments: &[&str]) -> String {
    helm.run(&[arguments, &["--namespace", NAMESPACE]].concat()).unwrap()
}

/// Installs the chart `landfall` as the test cluster has it, with its ledger on a claim.
pub(crate) fn install(helm: &Helm, chart: &str) {
    let (test, claim) = (values("landfall.yaml"), values("claim.yaml"));
    run(helm, &["install", "landfall", chart, "--values", &test, "--values", &claim]);
}

/// Upgrades to the present chart with the same values and one that is changed.
pub(crate) fn upgrade(helm: &Helm, set: &str) {
    // Values that the chart has gained since get their defaults, which --reuse-values would not give them.
    run(helm, &["upgrade", "landfall", &present("landfall"), "--reset-then-reuse-values", "--set", set]);
}

fn uninstall(helm: &Helm) {
    for release in [LEGAL_DATA, "landfall", DEFINITIONS] {
        run(helm, &["uninstall", release]);
    }
}

/// Each workload sends something to its provider.
pub(crate) fn send(story: &Story, clients: &[Client]) {
    let curl = "curl -sk --retry 20 --retry-delay 1 --retry-all-errors -d email=jane.roe@example.org -o /dev/null";
    for (client, (_, host, _)) in std::iter::zip(clients, PROVIDERS) {
        client.run(story, &format!("{curl} https://{host}/")).unwrap();
    }
}

/// Name and UID of each Transfer, once there are so many.
fn transfers(story: &Story, at_least: usize) -> Result<BTreeMap<String, String>, String> {
    let line = r#"jsonpath={range .items[*]}{.metadata.name}{" "}{.metadata.uid}{"\n"}{end}"#;
    let listed = story.cluster.kubectl(&["get", "transfers", "-n", "crm", "-o", line], "");
    let listed = listed.map_err(|error| error.to_string())?;
    let all: BTreeMap<_, _> = listed.lines().filter_map(|line| line.split_once(' ')).collect();
    let all: BTreeMap<_, _> = all.into_iter().map(|(name, uid)| (name.to_owned(), uid.to_owned())).collect();
    if all.len() >= at_least { Ok(all) } else { Err(listed) }
}

/// None of these Transfers was made anew.
fn still_shown(story: &Story, shown: &BTreeMap<String, String>) {
    let now = transfers(story, shown.len()).unwrap();
    let lost: Vec<_> = shown.iter().filter(|(name, uid)| now.get(*name) != Some(uid)).collect();
    assert!(lost.is_empty(), "{lost:?} of {now:?}");
}

/// A value of the chart, as the running operator has it.
fn refresh(story: &Story) -> String {
    let path = r#"jsonpath={.spec.containers[0].env[?(@.name=="LANDFALL_REFRESH")].value}"#;
    story.cluster.kubectl(&["get", "pod", "-n", NAMESPACE, "landfall-operator-0", "-o", path], "").unwrap()
}

/// The observations in the ledger, and the epoch of who writes it.
pub(crate) struct Held {
    observations: Vec<String>,
    epoch: u64,
}

impl Held {
    pub(crate) fn look(story: &Story) -> Self {
        let exported = story.ledger("export", &["--kind", "observation"]).unwrap();
        let path = ["get", "lease", "-n", NAMESPACE, "landfall-operator", "-o", "jsonpath={.spec.leaseTransitions}"];
        let epoch = story.cluster.kubectl(&path, "").unwrap().parse().unwrap();
        Self { observations: exported.lines().map(str::to_owned).collect(), epoch }
    }

    /// All that was held is held, in its order, and more, by a later writer.
    pub(crate) fn continues(self, story: &Story) -> Self {
        let now = Self::look(story);
        assert!(now.epoch > self.epoch, "{} after {}", now.epoch, self.epoch);
        assert!(now.observations.len() > self.observations.len());
        assert_eq!(now.observations[..self.observations.len()], self.observations[..]);
        eprintln!("      {} observations, epoch {}", now.observations.len(), now.epoch);
        now
    }
}

/// What is there that was not before the release, and is not to be kept, or what was and is gone.
fn nothing_else_is_left(story: &Story, before: &BTreeSet<String>) -> Result<(), String> {
    let after = inventory(story).map_err(|error| error.to_string())?;
    let kept = |object: &&String| KEPT.iter().any(|kept| object.starts_with(kept));
    let left: Vec<_> = after.difference(before).filter(|object| !kept(object)).collect();
    let gone: Vec<_> = before.difference(&after).collect();
    let claim = "PersistentVolumeClaim landfall-system/ledger-landfall-operator-0";
    if left == [claim] && gone.is_empty() { Ok(()) } else { Err(format!("left: {left:#?}, gone: {gone:#?}")) }
}
