//! `docs/first-agreement.md` from its first command in a cluster to its last, typed as it is written, with the runbook that
//! the alert names.

use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use landfall_image::{HOST, Image, recipe::Recipe};
use landfall_tests::{
    book::{Page, Shell},
    built,
    chart::VALUES,
    cluster::{self, Cluster, clients},
    story::NODES,
    tool,
};

/// The image that the page starts; here it has a shell, curl and a few programs more.
const CURL: &str = "docker.io/curlimages/curl:8.10.1";
/// What `examples/monitoring` runs; here the programs are those of `make setup`.
const MONITORING: [&str; 2] = ["docker.io/prom/prometheus:v3.5.0", "docker.io/prom/alertmanager:v0.28.1"];
/// The alert that a reader follows.
const ALERT: &str = "LandfallUnlawfulTransfer";
/// Who receives what the page sends, at an address near no prefix of the example register.
const RECEIVER: (Ipv4Addr, &str) = (Ipv4Addr::new(198, 51, 100, 80), "example.com");
/// How long a reader tries again.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn a_newcomer_gets_from_an_empty_cluster_to_an_alert_and_its_runbook_by_the_page_alone() {
    let Some(mut cluster) = cluster::or_skip(Cluster::start(&NODES).await) else { return };
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
        ("VALUES", values_of_reader(&cluster).display().to_string()),
        ("REGISTER", "examples/crm-processor".to_owned()),
        ("AGENTS", "landfall-system".to_owned()),
    ]
    .into();
    let text_of_page = fs::read_to_string(root.join(&page.file)).unwrap();
    let began = Instant::now();
    let (mut steps, mut runbook) = (Vec::<(&str, Duration)>::new(), false);
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
            _ if text.contains("amtool") => ALERT,
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
        if expected == ALERT {
            follow(&ended.stdout, &shell, root);
            runbook = true;
        }
        let step = text_of_page.lines().take(command.line).filter(|line| line.starts_with('#')).last().unwrap();
        match steps.last_mut() {
            Some((last, took)) if *last == step => *took += tried.elapsed(),
            _ => steps.push((step, tried.elapsed())),
        }
    }
    assert!(runbook, "no command of the page shows the alert");
    for (step, took) in steps {
        eprintln!("{:>5.1} s  {}", took.as_secs_f64(), step.trim_start_matches(['#', ' ']));
    }
    assert!(page.commands.len() > 20, "{}", page.commands.len());
    eprintln!("from the first command to the last: {:.0} s", began.elapsed().as_secs_f64());
}

/// Opens the runbook that the alert names, and types its first command with the labels of the alert.
fn follow(alerts: &str, shell: &Shell, root: &Path) {
    let line = alerts.lines().find(|line| line.contains(&format!("alertname=\"{ALERT}\""))).unwrap();
    let value = |name: &str| {
        let begin = format!("{name}=\"");
        let (_, behind) = line.split_once(&begin).unwrap_or_else(|| panic!("{name} is missing: {line}"));
        behind.split_once('"').unwrap().0
    };
    let runbook = Page::read(Path::new(value("runbook_url"))).unwrap();
    assert!(runbook.anchors.contains(&ALERT.to_lowercase()), "{runbook:?}");
    // Not that of `agreement_namespace`.
    let values = [("NAMESPACE", value(" namespace").to_owned())].into();
    let command = runbook.commands.first().unwrap().filled(&values).unwrap();
    let ended = shell.run(root, &command).unwrap();
    assert!(ended.is_well(&command) && ended.stdout.contains("Unlawful"), "{command}: {ended:?}");
    eprintln!("{}: {command}\n{}", runbook.file.display(), ended.stdout);
}

/// The values of the test cluster, but a transfer is active as long as by default: a reader takes time.
fn values_of_reader(cluster: &Cluster) -> PathBuf {
    let values = fs::read_to_string(Path::new(VALUES).join("landfall.yaml")).unwrap();
    let values = values.lines().filter(|line| !line.trim().starts_with("active: "));
    let file = cluster.folder().join("values.yaml");
    fs::write(&file, values.collect::<Vec<_>>().join("\n")).unwrap();
    file
}

fn load_images(cluster: &mut Cluster) {
    let operator = built("landfall-operator").unwrap();
    let recipe = Recipe::of_tests(operator.parent().unwrap(), &cluster.folder().join("programs"));
    let [prometheus, alertmanager] = monitoring();
    for image in
        [recipe.operator(HOST).unwrap(), recipe.agent(HOST).unwrap(), clients(CURL).unwrap(), prometheus, alertmanager]
    {
        cluster.load_image(&image).unwrap();
    }
}

/// A file of Debian's Alertmanager, where `make setup` has unpacked it.
fn unpacked(path: &str) -> PathBuf {
    tool("alertmanager").unwrap().canonicalize().unwrap().with_file_name(path)
}

/// A tool; Debian's Alertmanager is begun by a script, which no image can run.
fn program_of(name: &str) -> PathBuf {
    let behind = unpacked(&format!("usr/bin/prometheus-{name}"));
    if behind.exists() { behind } else { tool(name).unwrap() }
}

/// Prometheus and Alertmanager as their images have them.
fn monitoring() -> [Image; 2] {
    let image = |name: &str, programs: &[&str]| {
        let of_programs =
            |image: Image, program: &&str| image.program(&format!("/bin/{program}"), program_of(program)).unwrap();
        programs.iter().fold(Image::new(name), of_programs).entrypoint(&[&format!("/bin/{}", programs[0])])
    };
    let [prometheus, alertmanager] = MONITORING;
    let mut alertmanager = image(alertmanager, &["alertmanager", "amtool"]);
    // Debian's opens them by this path.
    for template in ["default.tmpl", "email.tmpl"] {
        let inside = format!("/usr/share/prometheus/alertmanager/{template}");
        let outside = unpacked(&inside[1..]);
        if outside.exists() {
            alertmanager = alertmanager.file(&inside, outside);
        }
    }
    [image(prometheus, &["prometheus"]), alertmanager]
}
