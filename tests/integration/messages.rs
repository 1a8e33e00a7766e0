//! What a person is told who made one of the usual slips: which file, what was expected, what to do.

use std::fs;

use crate::support::{captures, landfall, landfall_reading, path};

/// The example register with one text replaced in every file that has it; gives what `lint` says.
fn slip(from: &str, to: &str) -> String {
    fn copy(source: &std::path::Path, target: &std::path::Path, from: &str, to: &str, changed: &mut usize) {
        for entry in fs::read_dir(source).unwrap() {
            let entry = entry.unwrap().path();
            let there = target.join(entry.file_name().unwrap());
            if entry.is_dir() {
                fs::create_dir(&there).unwrap();
                copy(&entry, &there, from, to, changed);
            } else if entry.extension().is_some_and(|it| it == "yaml") {
                let text = fs::read_to_string(&entry).unwrap();
                *changed += text.matches(from).count();
                fs::write(there, text.replace(from, to)).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut changed = 0;
    copy(path("examples/crm-processor").as_ref(), folder.path(), from, to, &mut changed);
    assert!(changed > 0, "{from} stands nowhere");
    let run = landfall(["lint", folder.path().to_str().unwrap()]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{to}");
    run.stderr
}

#[test]
fn a_code_that_is_none_names_the_one_that_is_meant() {
    for (written, expected) in [
        ("UK", r#"; for "UK" write "GB""#),
        ("EL", r#"; for "EL" write "GR""#),
        ("USA", r#"; for "USA" write "US""#),
        ("ie", r#"; for "ie" write "IE""#),
        ("EU", r#"; "EU" is not a country: name the member states that are meant"#),
        ("ZZ", "in capitals such as \"DE\"\n"),
    ] {
        let told = slip("seat: IE", &format!("seat: {written}"));
        assert!(told.contains("seat: expected an ISO 3166-1 alpha-2 code"), "{told}");
        assert!(told.contains(expected), "{expected:?} in {told}");
        assert!(told.contains(".yaml:"), "{told}");
    }
}

#[test]
fn a_missing_sub_processor_is_named_with_what_could_be_meant() {
    let told = slip("ref: twilio", "ref: twillio");
    let expected = "spec.recipients[";
    assert!(told.contains("agreement.yaml:") && told.contains(expected), "{told}");
    assert!(
        told.contains(r#"expected the name of a Recipient; there is none named "twillio" (similar: twilio in "#),
        "{told}"
    );
    assert!(told.contains("twilio.yaml:"), "{told}");
    let told = slip("ref: twilio", "ref: zzz");
    assert!(
        told.contains(r#"there is none named "zzz" (there is anthropic, chatbot-mw, "#) && told.contains(" more)"),
        "{told}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_said_to_be_so() {
    let capture = captures()[0].to_str().unwrap().to_owned();
    let register = path("examples/crm-processor");
    for arguments in [
        &["lint", "/nonexistent/folder"][..],
        &["watch", "--register", "/nonexistent/folder", "--pcap", &capture],
        &["watch", "--register", &register, "--pcap", &capture, "--locations", "/nonexistent/folder"],
        &["watch", "--register", &register, "--pcap", &capture, "--workloads", "/nonexistent/folder"],
        &["judge", "--register", &register, "--observations", "/nonexistent/folder"],
        &["ledger", "show", "/nonexistent/folder"],
        &["ledger", "export", "/nonexistent/folder"],
        &["ledger", "verify", "/nonexistent/folder"],
        &["flows", "--pcap", "/nonexistent/folder"],
    ] {
        let run = landfall(arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.stderr);
        let says = ["there is no such f", "No such file or directory"];
        let told = run.stderr.contains("/nonexistent/folder") && says.iter().any(|it| run.stderr.contains(it));
        assert!(told, "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("entity not found"), "{}", run.stderr);
    }
}

#[test]
fn damaged_compression_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(&captures()[0]).unwrap();
    let packed = zstd::encode_all(whole.as_slice(), 3).unwrap();
    let mut header = packed.clone();
    // A frame header that names a dictionary, as random bytes do.
    header[4] |= 0b11;
    let cut = packed[..packed.len() / 2].to_vec();
    for (name, bytes) in
        [("header.zst", header), ("cut.zst", cut), ("gz.gz", b"\x1f\x8b\x08garbage that is no deflate".to_vec())]
    {
        let file = folder.path().join(name);
        fs::write(&file, &bytes).unwrap();
        let run = landfall(["flows", "--json", "--pcap", file.to_str().unwrap()]);
        let format = if name == "gz.gz" { "gzip" } else { "zstd" };
        assert_eq!(run.status, 2);
        for expected in
            [name, &format!("the {format} data is damaged, cut off or not {format}"), &format!("`{format} -t`")]
        {
            assert!(run.stderr.contains(expected), "{expected:?} in {}", run.stderr);
        }
    }
    let run = landfall_reading(["flows", "--json", "--pcap", "-"], &packed);
    assert_eq!(run.status, 0, "{}", run.stderr);
}

#[test]
fn without_anything_to_read_the_ways_are_listed() {
    for command in [&["flows"][..], &["watch", "--register", &path("examples/crm-processor")]] {
        let run = landfall(command);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        for way in ["--pcap FILE...", "--pcap -  ", "--interface NAME"] {
            assert!(run.stderr.contains(way), "{way} in {}", run.stderr);
        }
    }
    let run = landfall(["register", "draft"]);
    assert_eq!(run.status, 2);
    for way in ["--pcap FILE...", "--observations FILE", "--ledger DIR"] {
        assert!(run.stderr.contains(way), "{way} in {}", run.stderr);
    }
}
