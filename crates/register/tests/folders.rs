//! Folders that are no register, and texts that end anywhere.

use std::{fs, path::Path};

use landfall_register::{load, load_text, load_with};

fn problem(folder: &Path) -> String {
    load(folder).expect_err("no register").to_string().replace(&folder.display().to_string(), "DIR")
}

#[test]
fn what_is_no_folder_of_yaml_is_said_so() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    assert_eq!(problem(root), "DIR: expected at least one file named *.yaml or *.yml");
    fs::write(root.join("notes.txt"), "x").unwrap();
    assert_eq!(problem(root), "DIR: expected at least one file named *.yaml or *.yml");
    assert_eq!(problem(&root.join("notes.txt")), "DIR: expected a folder of YAML files");
    assert_eq!(problem(&root.join("missing")), "DIR: there is no such file or folder");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_sizes_are_not_trusted() {
    use std::os::unix::{fs::symlink, net::UnixListener};

    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir_all(root.join("a/b")).unwrap();
    symlink(root, root.join("a/b/back")).unwrap();
    symlink(root.join("nowhere"), root.join("dangling.yaml")).unwrap();
    let _socket = UnixListener::bind(root.join("socket.yaml")).unwrap();
    fs::write(root.join("large.yaml"), vec![b'#'; (8 << 20) + 1]).unwrap();
    assert_eq!(
        problem(root),
        "DIR/a/b/back: expected a folder that does not contain itself; a symbolic link leads back here\n\
         DIR/dangling.yaml: failed to read: entity not found\n\
         DIR/large.yaml: expected at most 8 MiB\n\
         DIR/socket.yaml: expected a regular file"
    );
}

/// As a mounted ConfigMap lays it out.
#[cfg(unix)]
#[test]
fn linked_files_load_once() {
    use std::os::unix::fs::symlink;

    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir(root.join("..2026_11_23")).unwrap();
    let policy = "apiVersion: landfall.dev/v1alpha1\nkind: TransferPolicy\nmetadata: { name: a }\nspec: {}\n";
    fs::write(root.join("..2026_11_23/policy.yaml"), policy).unwrap();
    symlink("..2026_11_23", root.join("..data")).unwrap();
    symlink("..data/policy.yaml", root.join("policy.yaml")).unwrap();
    assert_eq!(load(root).unwrap().policies.len(), 1);
}

#[test]
fn further_files_belong_to_the_register() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let folder = testdata.join("pass/all-kinds");
    let dangling = testdata.join("fail/dangling-reference-of-a-development/x.yaml");
    let root = tempfile::tempdir().unwrap();
    let lapse = root.path().join("lapse.yaml");
    let text = "apiVersion: landfall.dev/v1alpha1\nkind: LegalDevelopment\nmetadata: { name: lapse }\nspec:\n  \
                { title: t, type: Lapse, pronounced: 2031-12-27T23:00:00Z, countries: [GB], source: s, asOf: 2026-08-05,\n  \
                bases: [{ name: adequacy-gb, effect: Lapsed }], recipients: [{ ref: acme, ended: 2032-01-01T00:00:00Z }] }\n";
    fs::write(&lapse, text).unwrap();
    let register = load_with(&folder, std::slice::from_ref(&lapse)).unwrap();
    assert_eq!((register.developments.len(), register.agreements.len()), (1, 1));
    assert_eq!(load_with(&folder, &[lapse, dangling]).unwrap_err().as_slice().len(), 5);
    let missing = root.path().join("missing.yaml");
    let errors = load_with(&folder, std::slice::from_ref(&missing)).unwrap_err();
    assert_eq!(errors.to_string(), format!("{}: there is no such file or folder", missing.display()));
}

#[test]
fn many_errors_are_cut_and_said_to_be() {
    let text = "apiVersion: landfall.dev/v1alpha1\nkind: X\n---\n".repeat(1000);
    let errors = load_text("many.yaml", &text).unwrap_err();
    assert_eq!(errors.as_slice().len(), 201);
    assert!(errors.to_string().ends_with("further errors were left out"));
}

#[test]
fn many_unknown_fields_are_bounded() {
    let fields: Vec<_> = (0..50_000).map(|index| format!("f{index}: 1\n")).collect();
    let text = format!("apiVersion: landfall.dev/v1alpha1\nkind: Recipient\n{}", fields.concat());
    let errors = load_text("many.yaml", &text).unwrap_err();
    assert_eq!(errors.as_slice().len(), 201);
}

#[test]
fn a_folder_is_bounded_as_a_whole() {
    let root = tempfile::tempdir().unwrap();
    for index in 0..9 {
        fs::write(root.path().join(format!("{index}.yaml")), vec![b'#'; 8 << 20]).unwrap();
    }
    assert_eq!(problem(root.path()), "DIR: expected at most 64 MiB in all files");
}

/// A cut object is wrong; a text cut between objects may be right.
#[test]
fn every_prefix_of_an_object_has_a_sane_outcome() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/crm-processor/recipients");
    let text = fs::read_to_string(root.join("twilio.yaml")).unwrap();
    assert!(text.len() < 4096 && text.is_ascii());
    for end in 0..text.len() {
        match load_text("cut.yaml", &text[..end]) {
            Ok(register) => assert_eq!(register.recipients.len(), 1, "{end}"),
            Err(errors) => assert!(!errors.as_slice().is_empty(), "{end}"),
        }
    }
    assert!(load_text("whole.yaml", &text).is_ok());
}
