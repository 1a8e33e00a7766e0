//! Registers in folders: `testdata/fail/NAME` must give the errors, `testdata/pass/NAME` the
//! warnings, that stand in its `expected.txt`. `LANDFALL_BLESS=1` writes them anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use landfall_register::{compile, load};

fn folders(outcome: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(outcome);
    let entries = fs::read_dir(root).expect("testdata is there");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("testdata can be listed").path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn compare(folder: &Path, found: &str) {
    let file = folder.join("expected.txt");
    if std::env::var_os("LANDFALL_BLESS").is_some() {
        fs::write(&file, found).expect("testdata can be written");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, expected, "{}", folder.display());
}

#[test]
fn what_is_wrong_is_said_by_file_line_and_field() {
    for folder in folders("fail") {
        let errors = load(&folder).expect_err(&folder.display().to_string());
        let text = errors.to_string();
        assert_eq!(text.lines().count(), errors.as_slice().len(), "one error a line");
        let prefix = format!("{}/", folder.display());
        let whole = folder.display().to_string();
        compare(&folder, &(text.replace(&prefix, "").replace(&whole, ".") + "\n"));
    }
}

#[test]
fn what_is_right_loads_and_its_oddities_are_warnings() {
    for folder in folders("pass") {
        let register = load(&folder).unwrap_or_else(|errors| panic!("{errors}"));
        let warnings = compile(&register).warnings;
        let lines: Vec<_> = warnings.iter().map(|warning| warning.to_string() + "\n").collect();
        compare(&folder, &lines.concat());
    }
}

#[test]
fn no_error_quotes_a_contact() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fail/personal-data-is-not-quoted");
    let errors = load(&folder).unwrap_err();
    for text in [errors.to_string(), format!("{errors:?}")] {
        assert!(!text.to_lowercase().contains("erika"), "{text}");
    }
}
