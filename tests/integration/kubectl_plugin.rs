//! The plugin of kubectl at a real API server, found and run by the real kubectl.

use std::{ffi::OsStr, fs, path::PathBuf, process::Command};

use jiff::{SignedDuration, Timestamp};
use landfall_tests::{
    cluster::{self, ControlPlane},
    plugin::Plugin,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    register_api::{apply_text, install, kubectl},
    support::{Run, binary, path},
};

/// A person with kubectl and its plugin on the path.
struct Person<'a> {
    plane: &'a ControlPlane,
    folder: TempDir,
    plugin: Plugin,
    kubeconfig: PathBuf,
}

impl<'a> Person<'a> {
    fn new(plane: &'a ControlPlane, kubeconfig: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plugin = Plugin::install(folder.path(), binary().as_ref()).unwrap();
        Self { plane, folder, plugin, kubeconfig }
    }

    /// `kubectl ARGUMENTS`.
    fn kubectl<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.run(Command::new(self.plane.programs().path("kubectl")).args(arguments))
    }

    fn landfall(&self, arguments: &[&str]) -> Run {
        self.kubectl(["landfall"].iter().chain(arguments))
    }

    /// A line as it is typed.
    fn shell(&self, line: &str) -> Run {
        self.run(Command::new("sh").args(["-c", line]))
    }

    fn run(&self, command: &mut Command) -> Run {
        let output = command
            .env("PATH", self.plugin.path(self.plane.programs()))
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", &self.kubeconfig)
            .env("LC_ALL", "C")
            .env("COLUMNS", "500")
            .env("TZ", "UTC")
            .output()
            .unwrap();
        Run {
            status: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Writes the objects as operator and people would: an Incident that is known for an hour.
fn write(plane: &ControlPlane, namespace: &str) {
    let known = Timestamp::now() - SignedDuration::from_hours(1);
    let after = |hours| (known + SignedDuration::from_hours(hours)).strftime("%FT%TZ").to_string();
    // What is long overdue is so on every machine.
    let words =
        [("KNOWN", after(0)), ("FOUR", after(4)), ("TWELVE", after(12)), ("2026-11-22T", after(-48)[..11].to_owned())];
    let names = ["AGREED", "WORK"].map(|name| (name, namespace.to_owned()));
    let read = |file: &str| {
        let text = fs::read_to_string(path(&format!("cli/testdata/cluster/{file}"))).unwrap();
        words.iter().chain(&names).fold(text, |text, (from, to)| text.replace(from, to))
    };
    for text in ["transfers.yaml", "incidents.yaml"].map(read) {
        apply_text(plane, &text);
        let with_status: Vec<_> = text.split("\n---\n").filter(|document| document.contains("\nstatus:")).collect();
        let arguments = ["apply", "--server-side", "--force-conflicts", "--subresource=status", "-f", "-"];
        kubectl(plane, &arguments, &with_status.join("\n---\n"));
    }
    // Control characters go as JSON only: YAML has none.
    kubectl(plane, &["create", "-f", "-"], &read("by-hand.json"));
}

const UNLAWFUL: &str = "sync-acme-example-0a1b2c3d4e";

#[tokio::test]
async fn kubectl_finds_the_plugin_and_people_find_what_to_do() {
    cluster::with_namespace("plugin", async |client, namespace| {
        install(&client).await;
        let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
        write(plane, &namespace);
        let person = Person::new(plane, plane.admin_kubeconfig().unwrap());
        let listed = |run: &Run| -> Vec<String> {
            run.json().iter().map(|object| object["metadata"]["name"].as_str().unwrap().to_owned()).collect()
        };

        // Transfers, the worst first; texts of strangers as the API server keeps them, but for what drives a terminal.
        let all = person.landfall(&["transfers", "-n", &namespace, "-o", "json"]);
        assert_eq!(
            listed(&all),
            [UNLAWFUL, "by-hand", "web-mailer-9f8e7d6c5b", "web-ntp-1122334455"],
            "{}",
            all.stderr
        );
        let hostile = &all.json()[1]["spec"]["recipient"];
        assert!(
            hostile.as_str().unwrap().starts_with("unregistered:\u{fffd}[2J\u{fffd}\u{fffd}31m\u{fffd}txt"),
            "{hostile}"
        );
        let some = ["transfers", "-n", &namespace, "--outcome", "unlawful,Conditional", "--fail-on", "unlawful"];
        let some = person.landfall(&some);
        let first: Vec<_> = some.stdout.lines().next().unwrap().split_whitespace().collect();
        assert_eq!((some.status, first[0], first[2]), (1, "EXPORTER", "VERDICT"));
        assert_eq!(some.stdout.lines().filter(|line| line.starts_with(&format!("{namespace}/"))).count(), 2);
        assert!(
            some.stdout.contains(&format!("kubectl landfall explain {UNLAWFUL} -n {namespace}")),
            "{}",
            some.stdout
        );
        let everywhere = person.landfall(&["transfers", "-A", "-o", "yaml"]);
        assert!(everywhere.stdout.contains(&format!("name: {UNLAWFUL}")), "{}", everywhere.stderr);
        let here = person.landfall(&["transfers"]);
        let nothing = "0 Transfers in namespace default\nin all namespaces: kubectl landfall transfers -A\n";
        assert_eq!((here.status, here.stdout.as_str()), (0, nothing));

        // The reasoning, with the Incident about it.
        let explain =
            |language| person.landfall(&["explain", "-n", &namespace, UNLAWFUL, "--language", language]).stdout;
        let english = [
            "Verdict: Unlawful, it may not happen",
            "first status message (BR-FIRST): ",
            ", 2 h 59 min left",
            "[SUB-LIST; lines 50-51; Art. 28(2), (4) GDPR]",
        ];
        let german = [
            "Bewertung: Unlawful, es darf nicht geschehen",
            "erste Meldung (BR-FIRST): ",
            ", noch 2 h 59 min",
            "[SUB-LIST; lines 50-51; Art. 28 Abs. 2, Abs. 4 DSGVO]",
        ];
        for (language, expected) in [("en", english), ("de", german)] {
            let told = explain(language);
            for expected in expected {
                assert!(told.contains(expected), "{expected}: {told}");
            }
        }
        let explained = person.landfall(&["explain", "-A", UNLAWFUL, "-o", "json"]).json();
        assert_eq!(explained[0]["incidents"][0]["metadata"]["name"], UNLAWFUL);

        // Incidents: what is due first comes first.
        let incidents = person.landfall(&["incidents", "-n", &namespace, "-o", "json"]);
        assert_eq!(listed(&incidents), ["old-export", UNLAWFUL, "just-entered", "lost-laptop"]);
        let table = person.landfall(&["incidents", "-n", &namespace]).stdout;
        assert!(table.contains(&format!("4 Incidents in namespace {namespace}, 3 open")), "{table}");

        // Deadlines, also of namespaces where nobody looks.
        let deadlines = person.landfall(&["deadlines", "-o", "json", "--fail-on", "overdue"]);
        assert_eq!(deadlines.status, 1);
        assert!(
            deadlines
                .stderr
                .contains(&format!("Incident {namespace}/just-entered is known since 2026-11-23T12:29:00+00:00"))
        );
        let mine = |run: &Run| -> Vec<Value> {
            let all = run.json();
            all.into_iter().filter(|deadline| deadline["namespace"] == namespace.as_str()).collect()
        };
        let told: Vec<_> =
            mine(&deadlines).iter().map(|it| json!([it["incident"], it["obligation"], it["overdue"]])).collect();
        let expected = [
            json!(["old-export", "BR-FIRST", true]),
            json!(["old-export", "BR-FULL", true]),
            json!([UNLAWFUL, "BR-FIRST", false]),
            json!([UNLAWFUL, "BR-FULL", false]),
        ];
        assert_eq!(told, expected);

        records_by_the_lines_that_are_shown(plane, &person, &namespace, &mine(&deadlines));
        writes_beside_others(plane, &person, &namespace);
        completes(&person, &namespace);
    })
    .await;
}

/// The lines work as they stand, and none of them loses a report that was written meanwhile.
fn records_by_the_lines_that_are_shown(
    plane: &ControlPlane,
    person: &Person<'_>,
    namespace: &str,
    deadlines: &[Value],
) {
    let line = |deadline: &Value, what: &str| deadline[what].as_str().unwrap().to_owned();
    let data = r"D13-first-status.en.md=a draft";
    let make = ["-n", namespace, "create", "configmap", &format!("{UNLAWFUL}-reports"), "--from-literal", data];
    kubectl(plane, &make, "");
    assert_eq!(person.shell(&line(&deadlines[2], "draft")).stdout, "a draft");
    for (deadline, reports) in [(0, vec!["full", "first"]), (2, vec!["first"]), (3, vec!["first", "full"])] {
        let incident = line(&deadlines[deadline], "incident");
        let names = || {
            let names = "jsonpath={.spec.reports[*].name}";
            let told = kubectl(plane, &["-n", namespace, "get", "incident", &incident, "-o", names], "");
            told.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let record = line(&deadlines[deadline], "record");
        let tried = person.shell(&format!("{record} --dry-run"));
        assert!(tried.status == 0 && tried.stdout.contains("nothing was written"), "{} {}", tried.stdout, tried.stderr);
        assert_ne!(names(), reports);
        for _ in 0..2 {
            let run = person.shell(&record);
            assert_eq!((run.status, run.stderr.as_str()), (0, ""));
            assert!(run.stdout.contains(&format!("Incident {namespace}/{incident}: ")), "{}", run.stdout);
            assert_eq!(names(), reports);
        }
    }
}

/// Everybody writes at once, and nothing is lost.
fn writes_beside_others(plane: &ControlPlane, person: &Person<'_>, namespace: &str) {
    let n = ["-n", namespace];
    let by = ["--by", "data protection office"];
    let lines: [&[&str]; 5] = [
        &["incident", "triage", UNLAWFUL, "--result", "breach", "--reasons", "nobody knows the host"],
        &["incident", "report", UNLAWFUL, "--supplement", "--sent-at", "now", "--name", "a"],
        &["incident", "report", UNLAWFUL, "--supplement", "--sent-at", "now", "--name", "b"],
        &["incident", "report", UNLAWFUL, "--supplement", "--sent-at", "now", "--name", "c"],
        &[
            "incident",
            "close",
            UNLAWFUL,
            "--measures",
            "stopped",
            "--measures",
            "deleted",
            "--reasoning",
            "nothing is left",
        ],
    ];
    std::thread::scope(|scope| {
        for line in lines {
            scope.spawn(move || {
                let run = person.landfall(&[line, &n, &by].concat());
                assert_eq!(run.status, 0, "{line:?}: {}", run.stderr);
            });
        }
    });
    let incident = person.landfall(&[&["incidents", "-o", "json"][..], &n].concat()).json();
    let incident = incident.iter().find(|incident| incident["metadata"]["name"] == UNLAWFUL).unwrap();
    let reports = incident["spec"]["reports"].as_array().unwrap();
    let names: std::collections::BTreeSet<_> = reports.iter().map(|report| report["name"].as_str().unwrap()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "first", "full"]);
    assert_eq!(incident["spec"]["triage"]["result"], "Breach");
    assert_eq!(incident["spec"]["closing"]["measures"], json!(["stopped", "deleted"]));
    let managers = "jsonpath={.metadata.managedFields[*].manager}";
    let managers =
        kubectl(plane, &["-n", namespace, "get", "incident", UNLAWFUL, "--show-managed-fields", "-o", managers], "");
    assert!(managers.split(' ').any(|manager| manager == "kubectl-landfall"), "{managers}");

    // Said again it is no news; said otherwise it stays as it is.
    let close = |reasoning: &str| {
        let line =
            ["incident", "close", UNLAWFUL, "--measures", "stopped", "--measures", "deleted", "--reasoning", reasoning];
        person.landfall(&[&line[..], &n, &by].concat())
    };
    let again = close("nothing is left");
    assert!(again.status == 0 && again.stdout.contains("nothing was changed"), "{}", again.stdout);
    let otherwise = close("another reason");
    assert!(otherwise.status == 2 && otherwise.stderr.contains("--replace"), "{}", otherwise.stderr);
    // For programs: the object after the change.
    let line = ["incident", "report", UNLAWFUL, "--supplement", "--sent-at", "now", "--name", "d", "-o", "json"];
    let written = person.landfall(&[&line[..], &n].concat());
    assert_eq!(written.status, 0, "{}", written.stderr);
    assert_eq!(written.json()[0]["spec"]["reports"][5]["name"], "d", "{}", written.stderr);
    // What the schema refuses is refused in its words.
    let long = "x".repeat(300);
    let line = ["incident", "report", UNLAWFUL, "--supplement", "--sent-at", "now", "--name", "e", "--by", &long];
    let refused = person.landfall(&[&line[..], &n].concat());
    assert!(refused.status == 2 && refused.stderr.contains("spec.reports[6].by"), "{}", refused.stderr);
}

/// As the shell asks kubectl, and kubectl the program beside the plugin.
fn completes(person: &Person<'_>, namespace: &str) {
    let suggested = |words: &[&str]| {
        let run = person.kubectl(["__complete", "landfall"].iter().chain(words));
        let lines: Vec<_> = run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
        assert_eq!(lines.last().map(String::as_str), Some(":4"), "{}", run.stderr);
        lines[..lines.len() - 1].to_vec()
    };
    assert_eq!(suggested(&["in"]), ["incidents", "incident"]);
    assert_eq!(suggested(&["incident", "close", "-n", namespace, "sync"]), [UNLAWFUL]);
    assert_eq!(suggested(&["transfers", "--outcome", "un"]), ["unlawful", "unknown"]);
    assert_eq!(suggested(&["explain", "-n", namespace, "sync"]), [UNLAWFUL]);
    for shell in ["bash", "zsh", "fish"] {
        let script = person.landfall(&["completion", shell]);
        assert!(script.status == 0 && script.stdout.contains("deadlines"), "{shell}");
    }
    let script = "kubectl-landfall completion bash > script && bash -c '. ./script && complete -p kubectl-landfall'";
    let bash = person.shell(&format!("cd {} && {script}", person.folder.path().display()));
    assert!(bash.stdout.contains(" -F "), "{} {}", bash.stdout, bash.stderr);
}

#[tokio::test]
async fn what_goes_wrong_says_what_to_do() {
    cluster::with_namespace("plugin-wrong", async |client, namespace| {
        install(&client).await;
        let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
        let admin = Person::new(plane, plane.admin_kubeconfig().unwrap());
        let nobody = Person::new(plane, plane.kubeconfig("nobody", &[]).unwrap());
        let reader = Person::new(plane, plane.kubeconfig("reader-of-transfers", &[]).unwrap());
        let rules = json!([{ "apiGroups": ["landfall.dev"], "resources": ["transfers"], "verbs": ["list"] }]);
        plane.grant("reader-of-transfers", rules).await.unwrap();
        write(plane, &namespace);
        let refused = |person: &Person<'_>, arguments: &[&str], expected: &[&str]| {
            let Run { status, stdout, stderr } = person.landfall(arguments);
            assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
            for expected in expected {
                assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
            }
        };
        let n = namespace.as_str();

        let none = format!("no Transfer nothing in namespace {n}");
        let there = format!("list the Transfers: kubectl -n {n} get transfers");
        let elsewhere = "search all namespaces: kubectl landfall explain nothing -A";
        refused(&admin, &["explain", "nothing", "-n", n], &[&none, &there, elsewhere]);
        refused(&admin, &["explain", "a\u{1b}[2J,metadata.name!=b", "-n", n], &["no Transfer a\u{fffd}[2J"]);
        refused(&admin, &["explain", "nothing", "-A"], &["no Transfer nothing in all namespaces"]);
        refused(&admin, &["transfers", "--outcome", "illegal"], &["invalid value 'illegal'", "unlawful"]);
        refused(&admin, &["transfer"], &["unrecognized subcommand 'transfer'", "transfers"]);
        refused(&admin, &["transfers", "--context", "other"], &["unusable kubeconfig", "other"]);
        refused(&admin, &["transfers", "--kubeconfig", "/nonexistent"], &["unusable kubeconfig", "/nonexistent"]);
        let through = "HTTPS_PROXY=http://user:secret@127.0.0.1:1 kubectl landfall transfers";
        let through = admin.shell(through);
        assert!(through.status == 2 && through.stderr.contains("not supported"), "{}", through.stderr);
        assert!(!through.stderr.contains("secret"), "{}", through.stderr);

        // Of what is to be written.
        let report = ["incident", "report", "nothing", "--first", "--sent-at", "now", "-n", n];
        let there = format!("list the Incidents: kubectl landfall incidents -n {n}");
        refused(&admin, &report, &[&format!("no Incident nothing in namespace {n}"), &there, "incidents -A"]);
        let looker = Person::new(plane, plane.kubeconfig("reader-of-incidents", &[]).unwrap());
        let rules = json!([{ "apiGroups": ["landfall.dev"], "resources": ["incidents"], "verbs": ["list"] }]);
        plane.grant("reader-of-incidents", rules).await.unwrap();
        let report = ["incident", "report", UNLAWFUL, "--first", "--sent-at", "now", "-n", n];
        let check = format!("what you may do: kubectl -n {n} auth can-i patch incidents.landfall.dev");
        refused(&looker, &report, &["cannot patch resource \"incidents\"", &check]);

        let check = format!("what you may do: kubectl -n {n} auth can-i list incidents.landfall.dev");
        refused(&nobody, &["incidents", "-n", n], &["incidents.landfall.dev is forbidden: User \"nobody\"", &check]);
        refused(&nobody, &["deadlines"], &["is forbidden", "ask for one namespace: -n NAMESPACE"]);
        // Who may not see Incidents still gets the reasoning, and is told what is missing.
        let explained = reader.landfall(&["explain", UNLAWFUL, "-n", n]);
        assert_eq!(explained.status, 0);
        assert!(explained.stdout.contains("Verdict: Unlawful"), "{}", explained.stdout);
        assert!(explained.stderr.contains("it is not known whether there is an Incident"), "{}", explained.stderr);
        assert!(!explained.stdout.contains("No Incident"), "{}", explained.stdout);

        // Nobody listens there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        drop(listener);
        let file = admin.folder.path().join("away");
        let text = fs::read_to_string(plane.admin_kubeconfig().unwrap()).unwrap().replace(&plane.url(), &url);
        fs::write(&file, text).unwrap();
        let away = format!("failed to reach the API server {url}");
        refused(&admin, &["transfers", "--kubeconfig", file.to_str().unwrap()], &[&away, "Connection refused"]);
        let told = admin.landfall(&["transfers", "--kubeconfig", file.to_str().unwrap()]).stderr;
        assert_eq!(told.lines().count(), 1, "{told}");
        // Another authority signed the certificate of the server.
        let stranger = rcgen::generate_simple_self_signed(["stranger".to_owned()]).unwrap();
        let authority = admin.folder.path().join("stranger.crt");
        fs::write(&authority, stranger.cert.pem()).unwrap();
        let text = fs::read_to_string(plane.admin_kubeconfig().unwrap()).unwrap();
        let text = text.replace(plane.authority().to_str().unwrap(), authority.to_str().unwrap());
        fs::write(&file, text).unwrap();
        refused(&admin, &["transfers", "--kubeconfig", file.to_str().unwrap()], &["failed to reach", "certificate"]);
    })
    .await;
}
