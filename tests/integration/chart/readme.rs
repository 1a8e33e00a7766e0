//! The table of values in a chart's README, from the comments of its values.yaml (`# -- …`).
//!
//! A value is described by the comment right above it. One that is a mapping is described as a whole, or each of its fields
//! is; nothing stays without a comment.

use std::{env, fmt::Write as _, fs};

use super::CHARTS;
use crate::support::root;

/// What follows it is generated.
const MARK: &str = "<!-- The table is made from values.yaml: make charts -->\n";

/// A value with a comment.
struct Described {
    path: String,
    comment: String,
    default: String,
}

#[test]
fn readmes_say_what_the_values_say() {
    for chart in CHARTS {
        let folder = root().join("charts").join(chart);
        let values = fs::read_to_string(folder.join("values.yaml")).unwrap();
        let (described, bare) = describe(&values);
        assert_eq!(bare, Vec::<String>::new(), "charts/{chart}/values.yaml: values without a comment `# -- …`");
        let mut table = "\n| value | | default |\n|---|---|---|\n".to_owned();
        for Described { path, comment, default } in described {
            let (comment, default) = (comment.replace('|', "\\|"), default.replace('|', "\\|"));
            writeln!(table, "| `{path}` | {comment} | `{default}` |").unwrap();
        }
        let file = folder.join("README.md");
        let text = fs::read_to_string(&file).unwrap();
        let (head, kept) = text.split_once(MARK).expect("the mark stands in every README");
        if env::var_os("LANDFALL_UPDATE").is_some() {
            fs::write(&file, format!("{head}{MARK}{table}")).unwrap();
        } else {
            assert!(kept == table, "charts/{chart}/README.md is out of date: run make charts");
        }
    }
}

#[test]
fn a_value_without_a_comment_is_named() {
    let (described, bare) = describe(
        "# -- A name,\n# of two lines.\nname: x\n\npart:\n  # -- Its size.\n  size: 1Gi\n  bare: 1\n# -- As a whole.\nwhole:\n  # no comment of its own\n  a: [b]\n  list:\n    - c: 1\n",
    );
    let rows: Vec<_> = described.iter().map(|it| (&*it.path, &*it.comment, &*it.default)).collect();
    let whole = "{a: [b], list: [{c: 1}]}";
    let expected =
        [("name", "A name, of two lines.", "x"), ("part.size", "Its size.", "1Gi"), ("whole", "As a whole.", whole)];
    assert_eq!((rows, bare), (expected.to_vec(), vec!["part.bare".to_owned()]));
}

/// The values with comments, and the paths of those without.
fn describe(values: &str) -> (Vec<Described>, Vec<String>) {
    let lines: Vec<&str> = values.lines().collect();
    let (mut described, mut bare) = (Vec::new(), Vec::new());
    // Names of the mappings that a line stands in, with their indents.
    let mut within: Vec<(usize, &str)> = Vec::new();
    let mut comment: Option<String> = None;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if let Some(first) = trimmed.strip_prefix("# -- ") {
            comment = Some(first.to_owned());
            continue;
        }
        if let Some(more) = trimmed.strip_prefix('#') {
            if let Some(comment) = &mut comment {
                *comment += more;
            }
            continue;
        }
        let Some((name, inline)) = trimmed.split_once(':') else {
            comment = None;
            continue;
        };
        within.retain(|(outer, _)| *outer < indent);
        let path = within.iter().map(|(_, name)| *name).chain([name]).collect::<Vec<_>>().join(".");
        // What is indented further belongs to it.
        let block = lines[at..]
            .iter()
            .take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() > indent);
        let block: Vec<&str> = block.copied().collect();
        match (comment.take(), inline.trim()) {
            (Some(comment), "") => {
                at += block.len();
                described.push(Described { path, comment, default: flow(&block) });
            }
            (Some(comment), inline) => described.push(Described { path, comment, default: inline.to_owned() }),
            (None, "") => within.push((indent, name)),
            (None, _) => bare.push(path),
        }
    }
    (described, bare)
}

/// Lines of YAML as one line in flow style; knows what values.yaml uses: mappings, and lists of mappings and scalars.
fn flow(block: &[&str]) -> String {
    let lines: Vec<(usize, &str)> = block
        .iter()
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'))
        .collect();
    node(&lines)
}

fn node(lines: &[(usize, &str)]) -> String {
    let Some((indent, first)) = lines.first() else { return "{}".to_owned() };
    let starts: Vec<usize> = lines.iter().enumerate().filter(|(_, (it, _))| it == indent).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let items = starts.iter().zip(ends).map(|(start, end)| &lines[*start..end]);
    if first.starts_with("- ") {
        let items: Vec<_> = items
            .map(|item| {
                let head = (indent + 2, item[0].1.trim_start_matches("- "));
                let inner: Vec<_> = [head].into_iter().chain(item[1..].iter().copied()).collect();
                if head.1.contains(": ") || head.1.ends_with(':') { node(&inner) } else { head.1.to_owned() }
            })
            .collect();
        return format!("[{}]", items.join(", "));
    }
    let fields: Vec<_> = items
        .map(|item| match item[0].1.split_once(':') {
            Some((name, "")) => format!("{name}: {}", node(&item[1..])),
            Some((name, value)) => format!("{name}: {}", value.trim()),
            None => item[0].1.to_owned(),
        })
        .collect();
    format!("{{{}}}", fields.join(", "))
}
