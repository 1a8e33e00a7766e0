//! Every command of the runbooks, typed as it is written, beside a real API server and a real operator that holds a breach.
//! What needs pods is in `tests/e2e/runbooks.rs`, what needs a Kafka cluster in `kafka_sample.rs`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use jiff::Timestamp;
use landfall_tests::book::{self, Page, Shell};

use crate::{
    support::{path, record},
    transfer_faults::breach,
    transfers::{PATIENCE, Scene},
};

const WORLD: &str = include_str!("runbooks/world.yaml");

/// What a reader puts in the places of words in capitals.
fn values(folder: &tempfile::TempDir, ledger: &Path) -> BTreeMap<&'static str, String> {
    let heads = folder.path().join("heads.txt");
    let file = |path: &Path| path.to_str().unwrap().to_owned();
    let fixed = [
        ("NAMESPACE", "crm"),
        ("AGREEMENT_NAMESPACE", "privacy"),
        ("AGREEMENT", "crm-processor"),
        ("WORKLOAD", "Deployment/leak"),
        ("POLICY", "crm-processor"),
        ("RECIPIENT", "openai"),
        ("KIND", "recipient"),
        ("NAME", "openai"),
        ("BASIS", "dpf-aws"),
        ("BUS", "events"),
        ("NODE", "node-eu"),
        ("AGENT", "node-eu"),
        ("AGENTS", "landfall-system"),
        ("POD", "landfall-agent-x"),
        ("CLAIM", "ledger"),
        ("SIZE", "20Gi"),
        ("AWARENESS", "2026-11-23T08:00:00Z"),
        ("OFFICE", "'Data protection office'"),
        ("WHY", "'names and addresses were sent'"),
        ("WHAT", "'the export was switched off'"),
        ("WHY-IT-SUFFICES", "'nothing sends there any more'"),
    ];
    let files = [
        ("LEDGER", file(ledger)),
        ("KEY", file(&ledger.join("public-key.pem"))),
        ("HEADS", file(&heads)),
        ("REGISTER", path("examples/crm-processor")),
        ("OBSERVATIONS", record(folder).0),
        ("DEVELOPMENT", path("examples/developments/dpf-annulled.yaml")),
    ];
    fixed.map(|(name, value)| (name, value.to_owned())).into_iter().chain(files).collect()
}

/// A breach of its own for a page: no report that one page has recorded stands in another's way.
fn breach_for(scene: &mut Scene, page: &str) -> String {
    let workload = format!("leak-{}", page.to_lowercase());
    scene.send(breach(&workload));
    let began = Instant::now();
    loop {
        let named = |kind: &str| {
            let objects = scene.objects(kind).into_iter();
            let names = objects.map(|it| it["metadata"]["name"].as_str().unwrap().to_owned());
            names.filter(|name| name.starts_with(&workload)).collect::<Vec<_>>()
        };
        if let ([incident], [_], [_]) = (&*named("incidents"), &*named("configmaps"), &*named("transfers")) {
            return incident.clone();
        }
        assert!(began.elapsed() < PATIENCE, "no Incident of {workload} with its drafts");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

/// How many commands of a page run here, and what is wrong with them.
fn faults(page: &Page, values: &BTreeMap<&str, String>, shell: &Shell, folder: &Path) -> (usize, Vec<String>) {
    let mut tried = 0;
    let mut found = Vec::new();
    let here = |command: &&book::Command| !book::needs_pods(command) && !book::needs_bus(command);
    for command in page.commands.iter().filter(here) {
        tried += 1;
        let at = format!("{}:{}: {}", page.file.display(), command.line, command.text);
        let line = match command.filled(values) {
            Ok(line) => line,
            Err(word) => {
                found.push(format!("{at}\n  nothing stands for {word}"));
                continue;
            }
        };
        let ended = shell.run(folder, &line).unwrap();
        if !ended.is_well(&line) {
            found.push(format!("{at}\n  {line}\n  {:?}: {}{}", ended.status, ended.stdout, ended.stderr));
        }
    }
    (tried, found)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_runbooks_runs_as_it_is_written() {
    let Some(mut scene) = Scene::start().await else { return };
    scene.plane.kubectl(&["apply", "--server-side", "-f", "-"], WORLD).unwrap();
    let bound =
        ["-n", "landfall-system", "wait", "--for=jsonpath={.status.phase}=Bound", "pvc/ledger", "--timeout=60s"];
    scene.plane.kubectl(&bound, "").unwrap();
    scene.traffic("sync", "eu.api.openai.com");
    scene.await_transfers("one to a recipient", |it| !it.is_empty());
    // It seals its ledger before it ends.
    let mut scene = scene.resume();
    let ledger = copy(&scene);
    let home = scene.folder.path().join("home");
    let shell = Shell::new(scene.plane.programs(), &home, scene.plane.admin_kubeconfig().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut values = values(&folder, &ledger);
    let head = "landfall ledger verify LEDGER --public-key KEY | sed -n 's/^head //p' > HEADS";
    let head = book::Command { line: 0, text: head.to_owned() }.filled(&values).unwrap();
    assert!(shell.run(folder.path(), &head).unwrap().is_well(&head));
    assert!(!fs::read_to_string(&values["HEADS"]).unwrap().is_empty());

    let (mut tried, mut found) = (0, Vec::new());
    for page in Page::all("docs/runbooks").unwrap() {
        let name = page.file.file_stem().unwrap().to_str().unwrap().trim_start_matches("Landfall");
        let about_one =
            |command: &book::Command| command.text.contains("INCIDENT") || command.text.contains("TRANSFER");
        if page.commands.iter().any(about_one) {
            // An Incident is named like its Transfer.
            let incident = breach_for(&mut scene, name);
            values.extend([("INCIDENT", incident.clone()), ("TRANSFER", incident)]);
        }
        // Not before the breach was known, and not in the future.
        values.insert("INSTANT", Timestamp::now().to_string());
        let (of_page, faults) = faults(&page, &values, &shell, folder.path());
        tried += of_page;
        found.extend(faults);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tried > 80, "{tried}");
    wrong_commands_are_found(&values, &shell, folder.path());
}

/// A slip in a command is a fault: of a verb, a kind, a flag, a name, a placeholder, in a pipe, and of our own program.
fn wrong_commands_are_found(values: &BTreeMap<&str, String>, shell: &Shell, folder: &Path) {
    let slips = [
        "kubectl gett pods",
        "kubectl get transferz -A",
        "kubectl get pods --namespacs crm",
        "kubectl -n crm get deployment leek",
        "kubectl -n NAMESPCE get pods",
        "kubectl get transferz -A | grep RECIPIENT",
        "kubectl landfall deadline",
        "landfall clock compute BR-FIRST --evnt INSTANT",
    ];
    for slip in slips {
        let page = Page::parse(Path::new("slip.md"), &format!("    {slip}\n"));
        let (tried, found) = faults(&page, values, shell, folder);
        assert_eq!((tried, found.len()), (1, 1), "{slip}");
    }
}

/// A copy of the ledger, as a runbook wants it.
fn copy(scene: &Scene) -> PathBuf {
    let copy = scene.folder.path().join("copy");
    let copied = Command::new("cp").arg("-r").arg(scene.folder.path().join("ledger")).arg(&copy).status().unwrap();
    assert!(copied.success());
    copy
}
