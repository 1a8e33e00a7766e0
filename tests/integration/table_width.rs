//! Tables in a pipe: a bounded width, whatever stands in them.

use std::process::{Command, Stdio};

use crate::{
    ledger::watch_into,
    support::{binary, path, record, watch_all},
};

/// Runs it with `COLUMNS`, and gives what it printed.
fn printed(arguments: &[String], columns: Option<&str>) -> String {
    let mut command = Command::new(binary());
    command.args(arguments).env_remove("COLUMNS").stdin(Stdio::null()).stderr(Stdio::null());
    if let Some(columns) = columns {
        command.env("COLUMNS", columns);
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap()
}

/// The lines of the table, without what stands below it.
fn rows(text: &str) -> usize {
    text.lines().take_while(|line| !line.is_empty()).count()
}

#[test]
fn every_table_keeps_to_its_width() {
    let folder = tempfile::tempdir().unwrap();
    let (observations, _) = record(&folder);
    let ledger = folder.path().join("ledger");
    watch_into(&ledger);
    let register = path("examples/crm-processor");
    let strings = |arguments: &[&str]| arguments.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut flows = strings(&["flows"]);
    flows.extend(watch_all().into_iter().skip_while(|argument| argument != "--pcap"));
    let tables = [
        flows,
        watch_all(),
        strings(&["judge", "--register", &register, "--observations", &observations]),
        strings(&["lint", &register]),
        strings(&["ledger", "show", ledger.to_str().unwrap()]),
        strings(&[
            "simulate",
            "--register",
            &register,
            "--observations",
            &observations,
            "--development",
            &path("examples/developments/dpf-annulled.yaml"),
        ]),
    ];
    for arguments in tables {
        let table = |text: String| {
            text.split("\n\n")
                .filter(|part| part.starts_with(|c: char| c.is_uppercase()))
                .max_by_key(|part| part.len())
                .unwrap()
                .to_owned()
        };
        let wide = printed(&[arguments.clone(), strings(&["-o", "wide"])].concat(), Some("50"));
        for (columns, width) in [(None, 160), (Some("120"), 120), (Some("not a width"), 160)] {
            let text = printed(&arguments, columns);
            assert!(widest(&table(text.clone())) <= width, "{arguments:?}: {text}");
            if !matches!(arguments[0].as_str(), "lint" | "simulate") {
                // A row is a line.
                assert_eq!(rows(&text), rows(&wide), "{arguments:?}");
            }
        }
        assert!(!wide.contains('…'), "{arguments:?}: {wide}");
    }
}
