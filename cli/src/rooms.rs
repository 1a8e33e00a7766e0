//! The modules of this crate depend on one another in one direction only.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Each module of the crate root with the modules that it uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn read(path: &Path, module: Option<&str>, graph: &mut Graph) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let module = module.unwrap_or(&stem);
        if path.is_dir() {
            read(&path, Some(module), graph);
        } else if path.extension().is_some_and(|it| it == "rs") && !["main", "lib", "tests", "rooms"].contains(&&*stem)
        {
            graph.entry(module.to_owned()).or_default().extend(uses(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The modules of the crate root that a file names, as rustfmt writes them, outside of tests.
fn uses(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut names = BTreeSet::new();
    let mut add = |path: &str| {
        let name = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        // Constants of the crate root are no modules.
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            names.insert(name);
        }
    };
    for (at, prefix) in text.match_indices("crate::") {
        let path = &text[at + prefix.len()..];
        let Some(group) = path.strip_prefix('{') else {
            add(path);
            continue;
        };
        let mut depth = 1;
        add(group.trim_start());
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => add(group[at + 1..].trim_start()),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

/// The modules that lie on a circle or lead to one.
fn circular(mut graph: Graph) -> BTreeSet<String> {
    loop {
        let rest: BTreeSet<String> = graph.keys().cloned().collect();
        graph.retain(|module, uses| uses.iter().any(|used| used != module && rest.contains(used)));
        if graph.len() == rest.len() {
            return rest;
        }
    }
}

#[test]
fn dependencies_go_one_way() {
    let mut graph = Graph::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut graph);
    // The test sees what it is about.
    assert!(graph["args"].contains("commands") && graph["commands"].contains("options"), "{graph:?}");
    assert_eq!(graph["options"], BTreeSet::new());
    assert_eq!(circular(graph), BTreeSet::new());
}

#[test]
fn a_circle_is_found() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*to).to_owned()).or_default();
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    };
    assert_eq!(circular(graph(&[("a", "b"), ("b", "c"), ("a", "c")])), BTreeSet::new());
    assert_eq!(circular(graph(&[("a", "b"), ("b", "c"), ("c", "b")])), ["a", "b", "c"].map(str::to_owned).into());
    let text =
        "use crate::{\n    NAME,\n    cells::{bytes, time},\n    output::Table,\n};\nfn f() { crate::stop::now() }";
    assert_eq!(uses(text), ["cells", "output", "stop"].map(str::to_owned).into());
}
