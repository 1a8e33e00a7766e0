//! `docs/first-agreement.md` from its first command in a cluster to its last, typed as it is written.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::Path,
    time::{Duration, Instant},
};

use landfall_image::{HOST, recipe::Recipe};
use landfall_tests::{
    book::{Page, Shell},
    built,
    chart::VALUES,
    cluster::{self, Cluster, clients},
};

/// The image that the page starts; here it has a shell, curl and a few programs more.
const CURL: &str = "docker.io/curlimages/curl:8.10.1";
/// Who receives what the page sends, at an address near no prefix of the example register.
const RECEIVER: (Ipv4Addr, &str) = (Ipv4Addr::new(198, 51, 100, 80), "example.com");
/// How long a reader tries again.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn a_newcomer_gets_from_an_empty_cluster_to_an_incident_by_the_page_alone() {
    let nodes = [("node-eu", "eu-central-1"), ("node-us", "us-east-1")];
    let Some(mut cluster) = cluster::or_skip(Cluster::start(&nodes).await) else { return };
    let (address, host) = RECEIVER;
    cluster.set_hosts(&[RECEIVER]).unwrap();
    let server = cluster.add_server("receiver", &[address]).unwrap();
    let serve = ["python3", "-m", "http.server", "80", "--bind", "0.0.0.0", "--directory", "/var/empty"];
    let _server = server.start("http", &serve).unwrap();
    load_images(&mut cluster);
    let ledger = cluster.node("node-eu").unwrap().machine();
    let folder = "/var/lib/landfall/operator";
    ledger.shell(r#"mkdir -p "$1"; chown 65532:65532 "$1"; chmod 700 "$1""#, &[folder]).unwrap();

    let page = Page::read(Path::new("docs/first-agreement.md")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let home = cluster.folder().join("reader");
    let shell = Shell::new(cluster.programs(), &home, cluster.admin_kubeconfig().unwrap()).unwrap();
    let mut values: BTreeMap<_, _> = [
        ("VALUES", Path::new(VALUES).join("landfall.yaml").display().to_string()),
        ("REGISTER", "examples/crm-processor".to_owned()),
        ("AGENTS", "landfall-system".to_owned()),
    ]
    .into();
    let began = Instant::now();
    for command in &page.commands {
        let text = &command.text;
        if text.contains("TRANSFER") || text.contains("INCIDENT") {
            // A reader takes it from the last column; an Incident is named like its Transfer.
            let listed = shell.run(root, "kubectl -n crm get transfers -o name | grep example-com").unwrap().stdout;
            let name = listed.trim().rsplit('/').next().unwrap().to_owned();
            values.extend([("TRANSFER", name.clone()), ("INCIDENT", name)]);
        }
        let line = command.filled(&values).unwrap_or_else(|word| panic!("{text}: nothing stands for {word}"));
        // What a reader waits for, because the page says that it is seen there.
        let expected = match text.as_str() {
            _ if text.starts_with("helm -n landfall-system test") => "the installation can work",
            "kubectl landfall transfers -A" => "Unlawful",
            "kubectl landfall deadlines" => "BR-FIRST",
            "kubectl landfall deadlines -n privacy" => "0 deadlines in namespace privacy",
            "kubectl landfall networks" => "ProcessingAgreement privacy/crm-processor",
            _ if text.contains("D13-first-status") => host,
            _ => "",
        };
        let tried = Instant::now();
        let ended = loop {
            let ended = shell.run(root, &line).unwrap();
            if ended.is_well(&line) && (ended.stdout.clone() + &ended.stderr).contains(expected) {
                break ended;
            }
            assert!(tried.elapsed() < PATIENCE, "{}:{}: {line}\n{ended:?}", page.file.display(), command.line);
            std::thread::sleep(Duration::from_millis(500));
        };
        let shown: Vec<_> = ended.stdout.lines().take(6).collect();
        eprintln!("[{:>5.1} s] {line}\n{}", began.elapsed().as_secs_f64(), shown.join("\n"));
    }
    assert!(page.commands.len() > 20, "{}", page.commands.len());
    eprintln!("from the first command to the last: {:.0} s", began.elapsed().as_secs_f64());
}

fn load_images(cluster: &mut Cluster) {
    let operator = built("landfall-operator").unwrap();
    let recipe = Recipe::of_tests(operator.parent().unwrap(), &cluster.folder().join("programs"));
    for image in [recipe.operator(HOST).unwrap(), recipe.agent(HOST).unwrap(), clients(CURL).unwrap()] {
        cluster.load_image(&image).unwrap();
    }
}
