//! Which module ("room") may use which. Each uses only modules below it, so there are no cycles and data flows one way
//! (docs/architecture.md, decision 0031).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The rooms from top to bottom, each with the rooms that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "run",
        &[
            "ingest",
            "ledger_writer",
            "archive",
            "incidents",
            "transfers",
            "alerting",
            "views",
            "register",
            "serving",
            "objects",
            "lease",
            "metrics",
            "args",
            "clock",
        ],
    ),
    ("check", &[]),
    ("ingest", &["ledger_writer", "views", "serving", "metrics", "clock"]),
    ("ledger_writer", &["views", "judging", "register", "metrics", "clock"]),
    ("archive", &["metrics", "clock"]),
    ("incidents", &["views", "judging", "register", "objects", "metrics", "clock"]),
    ("transfers", &["views", "judging", "objects", "clock"]),
    ("alerting", &["views", "judging", "register", "objects", "metrics", "clock"]),
    ("views", &["judging"]),
    ("judging", &["register"]),
    ("register", &["objects", "clock"]),
    ("serving", &["objects", "clock"]),
    ("objects", &["metrics", "clock"]),
    ("lease", &["clock"]),
    ("metrics", &[]),
    ("args", &[]),
    ("clock", &[]),
];
/// Files that are not rooms: the crate root, and shared test code.
const OUTSIDE: [&str; 4] = ["main", "lib", "fixture", "rooms"];

/// Dependencies, as pairs of rooms with the user first, and a file that contains each.
type Edges = BTreeMap<(String, String), PathBuf>;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The first segments of all `crate::` paths outside of tests.
fn uses(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (_, rest) in text.match_indices("crate::").map(|(at, found)| (at, &text[at + found.len()..])) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(name(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    begins = false;
                    names.insert(name(&group[at..]));
                }
                _ => {}
            }
        }
    }
    // Types and constants of the crate root are not rooms.
    names.retain(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    names
}

/// The room of a file, by its path below the sources.
fn room(path: &Path) -> String {
    let first = path.iter().next().unwrap_or_default();
    Path::new(first).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn edges() -> Edges {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut edges = Edges::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap().to_owned();
        let from = room(&path);
        if OUTSIDE.contains(&from.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("super::super::"), "{}: a path that may leave its room", path.display());
        for to in uses(&text).into_iter().filter(|to| *to != from) {
            edges.insert((from.clone(), to), path.clone());
        }
    }
    edges
}

/// Violations of a table.
fn violations(edges: &Edges, table: &[(&str, &[&str])]) -> Vec<String> {
    let place = |room: &str| table.iter().position(|(name, _)| *name == room);
    let mut violations = Vec::new();
    for ((from, to), path) in edges {
        let is_allowed = table.iter().any(|(name, uses)| name == from && uses.contains(&to.as_str()));
        if !is_allowed {
            violations.push(format!("{}: {from} uses {to}, which the table does not allow", path.display()));
        }
    }
    for (from, uses) in table {
        for to in *uses {
            if place(to) <= place(from) {
                violations.push(format!("the table: {to} does not stand below {from}, which may use it"));
            }
            if !edges.contains_key(&((*from).to_owned(), (*to).to_owned())) {
                violations.push(format!("the table: {from} may use {to} and does not"));
            }
        }
    }
    violations
}

#[test]
fn every_room_uses_what_stands_below_it_and_nothing_else() {
    let edges = edges();
    assert_eq!(violations(&edges, ROOMS), [""; 0]);
    // Every folder is a room.
    let named: BTreeSet<_> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root, &mut files);
    let rooms: BTreeSet<_> = files.iter().map(|file| room(file.strip_prefix(&root).unwrap())).collect();
    let rooms: BTreeSet<_> = rooms.into_iter().filter(|room| !OUTSIDE.contains(&room.as_str())).collect();
    assert_eq!(rooms, named);
}

#[test]
fn an_upward_edge_a_cycle_and_an_unused_permission_are_violations() {
    let edge = |from: &str, to: &str| ((from.to_owned(), to.to_owned()), PathBuf::from("file.rs"));
    let table: &[(&str, &[&str])] = &[("views", &["judging"]), ("judging", &[])];
    let used = Edges::from([edge("views", "judging")]);
    assert_eq!(violations(&used, table), [""; 0]);
    let upward = Edges::from([edge("views", "judging"), edge("judging", "views")]);
    assert_eq!(violations(&upward, table), ["file.rs: judging uses views, which the table does not allow"]);
    let cycle: &[(&str, &[&str])] = &[("views", &["judging"]), ("judging", &["views"])];
    assert_eq!(violations(&upward, cycle), ["the table: views does not stand below judging, which may use it"]);
    assert_eq!(violations(&Edges::new(), table), ["the table: views may use judging and does not"]);
}

#[test]
fn all_forms_of_paths_are_found() {
    let text = "use crate::clock;\nuse crate::{\n    Args, FIELD_MANAGER,\n    judging::{Judge, names::{self, short}},\n    \
                views::Views,\n};\nfn f() { crate::objects::call::in_time() }\n#[cfg(test)]\nmod tests {\n    use \
                crate::run;\n}\n";
    assert_eq!(uses(text), BTreeSet::from(["clock", "judging", "objects", "views"].map(str::to_owned)));
}
