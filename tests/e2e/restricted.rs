//! The operator's namespace has Pod Security `restricted`: it is admitted, agents are not and say where they belong.

use std::{path::Path, time::Instant};

use landfall_tests::{
    chart::{NAMESPACE, present},
    operator::{EXAMPLE, install_register},
    story::{self, Client, PROVIDERS, Story},
};

use crate::{
    processes,
    releases::{install, send, upgrade},
    sums::await_held,
};

const AGENTS: &str = "landfall-agents";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn a_restricted_namespace_takes_the_operator_and_says_where_agents_go() {
    let began = Instant::now();
    let done = |what: &str| eprintln!("[{:>3} s] {what}", began.elapsed().as_secs());
    let Some((mut story, providers)) = story::or_skip(Story::prepare(&PROVIDERS).await) else { return };
    story.offer_shared_volume("ledger").unwrap();
    install_register(&story.cluster, Path::new(EXAMPLE)).unwrap();
    let restricted = "pod-security.kubernetes.io/enforce=restricted";
    story.cluster.kubectl(&["label", "namespace", NAMESPACE, restricted, "--overwrite"], "").unwrap();
    let helm = story.helm(4).unwrap();
    install(&helm, &present("landfall"));
    let rollout = ["-n", NAMESPACE, "rollout", "status", "--timeout=60s", "statefulset/landfall-operator"];
    story.cluster.kubectl(&rollout, "").unwrap();
    done("the operator is admitted");

    // The pod of `helm test` is admitted, too, or nobody would hear of it.
    let refused = || {
        let said = story.test().unwrap_or_else(|error| error.to_string());
        if said.contains("refused: pods \"landfall-agent-") { Ok(said) } else { Err(said) }
    };
    let said = story.wait_for("the refusal", refused).unwrap();
    assert!(said.contains("violates PodSecurity \"restricted"), "{said}");
    let next = "--reset-then-reuse-values --set agent.namespace=landfall-agents";
    let next = said.lines().find(|line| line.contains(next)).unwrap_or_else(|| panic!("{said}"));
    done(next.trim());

    upgrade(&helm, &format!("agent.namespace={AGENTS}"));
    story.ready_in(AGENTS).unwrap();
    done("agents run in a namespace of their own");
    let said = story.test().unwrap();
    assert!(said.contains("the installation can work"), "{said}");
    processes::are_nobody(&story);
    let clients: Vec<_> = [("assistant", "node-eu"), ("messaging", "node-us"), ("leak", "node-us")]
        .map(|(name, node)| Client::start(&story, name, node).unwrap())
        .into();
    send(&story, &clients);
    await_held(&story, &clients, &providers);
    done("and deliver");
}
