//! The commands of the runbooks that ask pods and nodes, typed as they are written; the others run in
//! `tests/integration/runbooks.rs`.

use std::collections::BTreeMap;

use landfall_tests::{
    book::{Page, Shell, needs_pods},
    cluster::clients,
    story::{self, Client, Story},
};

/// The node that a reader has to look at.
const NODE: &str = "node-us";
/// The image that runbooks start on a node; here it has the few programs that they run.
const DEBUG: &str = "docker.io/library/busybox:1.37";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn every_command_of_the_runbooks_that_asks_a_pod_runs_as_it_is_written() {
    let Some((mut story, _providers)) = story::or_skip(Story::begin().await) else { return };
    let image = clients(DEBUG).unwrap().program("/bin/ip", "/bin/ip").unwrap().program("/bin/mv", "/bin/mv").unwrap();
    story.cluster.load_image(&image).unwrap();
    let machine = story.cluster.node(NODE).unwrap().machine();
    machine.shell("touch /var/lib/landfall/spool/quarantine.ndjson", &[]).unwrap();
    Client::start(&story, "messaging", NODE).unwrap();

    let selected = ["-l", "app.kubernetes.io/name=landfall-agent", "--field-selector", "spec.nodeName=node-us"];
    let first = |namespace: &str, select: &[&str], path: &str| {
        let get = [&["-n", namespace, "get", "pods", "-o", path][..], select].concat();
        story.cluster.kubectl(&get, "").unwrap()
    };
    let values: BTreeMap<_, _> = [
        ("AGENTS", "landfall-system".to_owned()),
        ("POD", first("landfall-system", &selected, "jsonpath={.items[0].metadata.name}")),
        ("NODE", NODE.to_owned()),
        ("ADDRESS-OF-A-POD", first("crm", &[], "jsonpath={.items[0].status.podIP}")),
    ]
    .into();
    let kubeconfig = story.cluster.admin_kubeconfig().unwrap();
    let home = story.cluster.folder().join("reader");
    let shell = Shell::new(story.cluster.programs(), &home, kubeconfig).unwrap();
    let (mut tried, mut found) = (0, Vec::new());
    let pages = Page::all("docs/runbooks").unwrap();
    let commands = pages.iter().flat_map(|page| page.commands.iter().map(move |command| (page, command)));
    for (page, command) in commands.filter(|(_, command)| needs_pods(command)) {
        tried += 1;
        let line = command.filled(&values).unwrap_or_else(|word| panic!("nothing stands for {word}"));
        let ended = shell.run(&home, &line).unwrap();
        eprintln!("{}: {line}: {:?}", page.file.display(), ended.status);
        if !ended.is_well(&line) {
            found.push(format!("{}:{}: {line}\n  {ended:?}", page.file.display(), command.line));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tried > 20, "{tried}");
}
