//! What the charts hold of the rest of the project. Symbolic links would do, but not every tool that packs charts follows them.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crate::support::root;

/// A folder of a chart, the folder that it is a copy of, and which files.
const COPIES: [(&str, &str, &str); 4] = [
    ("charts/landfall-crds/definitions", "crates/api/crds", ".yaml"),
    ("charts/landfall-legal-data/instruments", "crates/register/data/instruments", ".yaml"),
    ("charts/landfall/files", "rules", ".rules.yaml"),
    ("charts/landfall/dashboards", "dashboards", ".json"),
];

#[test]
fn charts_hold_what_the_project_has() {
    for (copy, original, ending) in COPIES {
        let (copy, original) = (root().join(copy), root().join(original));
        let expected = files(&original, ending);
        if env::var_os("LANDFALL_UPDATE").is_some() {
            fs::create_dir_all(&copy).unwrap();
            for name in files(&copy, ending).keys().filter(|name| !expected.contains_key(*name)) {
                fs::remove_file(copy.join(name)).unwrap();
            }
            for (name, text) in &expected {
                fs::write(copy.join(name), text).unwrap();
            }
        }
        let held = files(&copy, ending);
        let differing: Vec<_> = expected.iter().filter(|(name, text)| held.get(*name) != Some(text)).collect();
        let names: Vec<_> = differing.iter().map(|(name, _)| name).collect();
        assert!(names.is_empty(), "{}: {names:?} differ; run make charts", copy.display());
        assert_eq!(held.len(), expected.len(), "{} holds more; run make charts", copy.display());
    }
}

#[test]
fn the_legal_data_says_how_recent_it_is() {
    let latest = files(&root().join("crates/register/data/instruments"), ".yaml")
        .into_values()
        .filter_map(|text| text.lines().find_map(|line| line.strip_prefix("  asOf: ")).map(str::to_owned))
        .max()
        .unwrap();
    let chart = fs::read_to_string(root().join("charts/landfall-legal-data/Chart.yaml")).unwrap();
    assert!(chart.contains(&format!("\nappVersion: \"{latest}\"\n")), "appVersion: expected {latest}");
}

/// The files of a folder with this ending, by name; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name.ends_with(ending))
        .map(|(name, path)| (name, fs::read_to_string(path).unwrap()))
        .collect()
}
