//! The supervisor with processes that are shell scripts: they say what an inspecting process would, and die when told.

use std::{cell::RefCell, convert::Infallible, fs, path::Path};

use super::*;
use crate::kafka::{
    connection::Connection,
    properties::Properties,
    sampler::{Counts, Start},
};

/// Writes the plan of each process beside the others, so that a script knows which run it is.
const KEEP_PLAN: &str =
    r#"read -r plan; run=0; while [ -e "$1/$run" ]; do run=$((run + 1)); done; printf '%s' "$plan" >"$1/$run""#;

struct Scene {
    folder: tempfile::TempDir,
    supervisor: Supervisor,
}

impl Scene {
    /// A supervisor of a script, which has the number of its run in `$run`.
    fn new(script: &str, attempts: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection {
            bootstrap: "127.0.0.1:9".to_owned(),
            client_id: "landfall".to_owned(),
            rack: None,
            properties: Properties::default(),
        };
        let plan = Plan {
            connection,
            cluster_id: None,
            inventory_seconds: None,
            connect: Vec::new(),
            schema_registry: None,
            topics: vec![landfall_observation::TopicSelector::all()],
            share: None,
            start: Start::Earliest,
            budget: Budget { messages: 100, bytes: 1000, processor_milliseconds: 1000 },
            until: Until::PresentEnd,
            positions: Vec::new(),
            skipped: Vec::new(),
            announces: false,
            passes_known_shapes: false,
            memory_limit: 1 << 30,
        };
        let script = format!("{KEEP_PLAN}; {script}");
        let command = ["sh", "-c", &script, "sh", folder.path().to_str().unwrap()].map(OsString::from);
        Self { supervisor: Supervisor::new(command.to_vec(), plan, attempts), folder }
    }

    /// What happened, a line each, and how it ended.
    fn run(&mut self, is_stopped: &dyn Fn() -> bool) -> (Vec<String>, Result<(), String>) {
        let events = RefCell::new(Vec::new());
        let ended = self.supervisor.run(is_stopped, &mut |event| {
            events.borrow_mut().push(match event {
                Event::Process(_)
                | Event::Unread(_)
                | Event::Lag(_)
                | Event::Alive
                | Event::Declared(_)
                | Event::Landings(_)
                | Event::Cluster(_) => {
                    return Ok(());
                }
                Event::Started(partitions) => format!("started at {}", partitions[0].begin),
                Event::Progress(progress) => format!("{}..{}", progress.begin, progress.end),
                Event::Problem(problem) => problem.text.clone(),
                Event::Ended(reason) => reason.to_owned(),
            });
            Ok::<_, Infallible>(())
        });
        (events.into_inner(), ended.map_err(|error| error.to_string()))
    }

    fn plan(&self, run: usize) -> Plan {
        read_plan(self.folder.path(), run)
    }
}

fn read_plan(folder: &Path, run: usize) -> Plan {
    serde_json::from_str(&fs::read_to_string(folder.join(run.to_string())).unwrap()).unwrap()
}

fn say(report: &Report) -> String {
    format!("echo '{}'", serde_json::to_string(report).unwrap())
}

fn started(begin: i64) -> String {
    let started = Started { topic: "orders".to_owned(), partition: 0, begin, end: 100 };
    say(&Report::Started { partitions: vec![started] })
}

fn progress(begin: i64, end: i64) -> String {
    let offsets = u64::try_from(end - begin).unwrap();
    let counts = Counts { inspected: offsets, bytes: 10 * offsets, ..Counts::default() };
    say(&Report::Progress(Progress { topic: "orders".to_owned(), begin, end, counts, ..Progress::default() }))
}

fn announced(offset: i64) -> String {
    say(&Report::Announced(Offset { topic: "orders".to_owned(), partition: 0, offset }))
}

fn never() -> bool {
    false
}

#[test]
fn a_process_that_dies_is_followed_by_one_that_goes_on_where_it_was() {
    let script = format!(
        "case $run in 0) {}; {}; kill -SEGV $$;; 1) {}; {}; {};; esac",
        started(0),
        progress(0, 5),
        started(5),
        progress(5, 100),
        say(&Report::Done)
    );
    let mut scene = Scene::new(&script, None);
    let (events, ended) = scene.run(&never);
    assert_eq!(events, ["started at 0", "0..5", "signal 11 ended it", "started at 5", "5..100"]);
    assert_eq!(ended, Ok(()));
    let expected = Position {
        topic: "orders".to_owned(),
        partition: 0,
        next: 5,
        end: 100,
        budget: Budget { messages: 95, bytes: 950, processor_milliseconds: 1000 },
    };
    assert_eq!(scene.plan(1).positions, [expected]);
    assert!(!scene.plan(0).announces && scene.plan(1).announces);
}

#[test]
fn a_message_at_which_processes_die_twice_is_skipped() {
    let begin = started(0);
    let script = format!(
        "case $run in 0) {begin}; exit 9;; 1|2) {begin}; {}; {}; exit 9;; 3) {begin}; {}; {};; esac",
        announced(3),
        announced(7),
        progress(0, 100),
        say(&Report::Done)
    );
    let mut scene = Scene::new(&script, None);
    let (events, ended) = scene.run(&never);
    assert_eq!(ended, Ok(()));
    assert_eq!(events.iter().filter(|event| *event == "it ended with status 9").count(), 3, "{events:?}");
    assert_eq!(scene.plan(2).skipped, []);
    assert_eq!(scene.plan(3).skipped, [Offset { topic: "orders".to_owned(), partition: 0, offset: 7 }]);
}

#[test]
fn reports_that_leave_out_or_repeat_offsets_are_not_taken() {
    let cases = [
        (progress(1, 5), "it reported offsets 1 to 5 of partition 0 of orders, expected all from 0"),
        (
            format!("{}; {}", progress(0, 5), progress(4, 6)),
            "it reported offsets 4 to 6 of partition 0 of orders, expected all from 5",
        ),
        (
            progress(0, 5).replace("\"inspected\":5", "\"inspected\":4"),
            "it reported offsets 0 to 5 of partition 0 of orders, expected all from 0",
        ),
        (progress(0, 5).replace("orders", "others"), "it reported partition 0 of others, which it had not started"),
        ("echo nonsense".to_owned(), "it wrote a line that is no report"),
    ];
    for (reports, expected) in cases {
        let script =
            format!("case $run in 0) {}; {reports}; read -r end;; *) {};; esac", started(0), say(&Report::Done));
        let (events, ended) = Scene::new(&script, None).run(&never);
        assert_eq!(ended, Ok(()));
        let last = events.last().unwrap();
        assert!(last.starts_with(expected), "{last}");
    }
}

#[test]
fn processes_that_never_read_anything_are_given_up() {
    let (events, ended) = Scene::new("exit 3", Some(3)).run(&never);
    assert_eq!(events.len(), 3);
    let expected = "the inspecting process ended 3 times without progress: it ended with status 3";
    assert_eq!(ended, Err(expected.to_owned()));

    let mut scene = Scene::new("", None);
    scene.supervisor.command = vec!["/nonexistent/landfall".into()];
    assert_eq!(scene.run(&never).1, Err("failed to start the inspecting process".to_owned()));
}

#[test]
fn a_process_that_is_told_to_stop_reports_what_it_has() {
    let script = format!("{}; read -r end; {}", started(0), progress(0, 2));
    let mut scene = Scene::new(&script, None);
    let (events, ended) = scene.run(&|| true);
    // Whether the start is heard before the wish to stop is looked at does not matter.
    assert_eq!((events, ended), (vec!["started at 0".to_owned(), "0..2".to_owned()], Ok(())));
}

#[test]
fn a_process_that_takes_too_much_memory_is_ended() {
    let mut scene = Scene::new("case $run in 0) read -r end;; *) exit 0;; esac", Some(2));
    scene.supervisor.plan.memory_limit = 1;
    let (events, _) = scene.run(&never);
    assert_eq!(events[0], "it took more than 0 MiB of memory");
}

#[test]
fn what_is_not_taken_is_not_accounted_for() {
    let script = format!("{}; {}; read -r end", started(0), progress(0, 5));
    let mut scene = Scene::new(&script, None);
    let refused = scene.supervisor.run(&never, &mut |event| match event {
        Event::Progress(_) => Err(io::Error::other("full")),
        _ => Ok(()),
    });
    assert!(matches!(refused, Err(SupervisorError::Taking(_))));
    assert_eq!(scene.supervisor.positions()[0].next, 0);
}
