//! Bad input: a clear message, exit status 2, and nothing lost that was good.

use std::fs;

use crate::support::{binary, captures, landfall, landfall_reading, path, watch_all};

#[test]
fn a_capture_cut_in_a_record_gives_its_flows_and_an_error() {
    let whole =
        fs::read(captures().iter().find(|file| file.extension().is_some_and(|e| e == "pcapng")).unwrap()).unwrap();
    let run = landfall_reading(["flows", "--json", "--pcap", "-"], &whole[..whole.len() - 3]);
    assert_eq!(run.status, 2);
    assert!(!run.json().is_empty());
    assert!(run.stderr.starts_with("error: ") || run.stderr.contains("\nerror: "), "{}", run.stderr);
}

#[test]
fn what_is_no_capture_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (name, contents) in
        [("empty.pcap", &b""[..]), ("garbage.pcap", b"these are no packets"), ("short.pcap", b"\xd4\xc3\xb2")]
    {
        let file = folder.path().join(name);
        fs::write(&file, contents).unwrap();
        let run = landfall(["flows", "--pcap", file.to_str().unwrap()]);
        assert_eq!(run.status, 2, "{name}");
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
    let run = landfall(["flows", "--pcap", "/nonexistent/x.pcap"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("/nonexistent/x.pcap"), "{}", run.stderr);
}

#[test]
fn one_bad_capture_does_not_hide_the_others() {
    let mut arguments = watch_all();
    let whole = landfall(arguments.iter().chain(&["--json".to_owned()]));
    arguments.extend(["/nonexistent/x.pcap".to_owned(), "--json".to_owned()]);
    let run = landfall(arguments);
    assert_eq!((run.status, run.stdout), (2, whole.stdout));
}

#[test]
fn a_register_with_a_mistake_is_refused_with_file_line_and_path() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path();
    let mut sources: Vec<_> = vec![std::path::PathBuf::from(path("examples/crm-processor"))];
    while let Some(source) = sources.pop() {
        for entry in fs::read_dir(source).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                sources.push(file);
            } else if file.extension().is_some_and(|e| e == "yaml") {
                fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    fs::write(
        copy.join("zz-mistake.yaml"),
        "apiVersion: landfall.dev/v1alpha1\nkind: Recipient\nmetadata:\n  name: mistake\nspec:\n  legalEntitty: {}\n",
    )
    .unwrap();
    let observations = copy.join("none.ndjson");
    fs::write(&observations, "").unwrap();
    let run =
        landfall(["judge", "--register", copy.to_str().unwrap(), "--observations", observations.to_str().unwrap()]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("zz-mistake.yaml:6"), "{}", run.stderr);
    assert!(run.stderr.contains("legalEntitty"), "{}", run.stderr);
}

#[test]
fn bad_locations_and_workloads_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("observations.ndjson");
    fs::write(&empty, "").unwrap();
    fs::write(folder.path().join("workloads.yaml"), "- cidr: nonsense\n").unwrap();
    fs::write(folder.path().join("broken.mmdb"), "no database").unwrap();
    let capture = captures()[0].to_str().unwrap().to_owned();
    let register = path("examples/crm-processor");
    let with = |option: &str, value: &str| {
        landfall(["watch", "--register", register.as_str(), "--pcap", capture.as_str(), option, value])
    };
    let workloads = with("--workloads", folder.path().join("workloads.yaml").to_str().unwrap());
    assert_eq!(workloads.status, 2);
    assert!(
        workloads.stderr.contains("workloads.yaml:1") || workloads.stderr.contains("line 1"),
        "{}",
        workloads.stderr
    );
    let locations = with("--locations", folder.path().to_str().unwrap());
    assert_eq!(locations.status, 2);
    assert!(locations.stderr.contains("broken.mmdb"), "{}", locations.stderr);
    assert_eq!(with("--locations", "/nonexistent").status, 2);
}

#[test]
fn bad_usage_ends_with_status_two() {
    for arguments in [&["flows"][..], &["nonsense"], &["watch", "--pcap", "x"], &["judge", "--register", "x"], &[]] {
        assert_eq!(landfall(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    for command in ["flows", "watch", "judge"] {
        let run = landfall([command, "--help"]);
        assert_eq!(run.status, 0);
        assert!(run.stdout.contains("Example:"), "{}", run.stdout);
    }
}

#[test]
fn lines_that_are_no_text_or_too_long_are_named_and_the_others_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("observations.ndjson");
    let mut arguments = watch_all();
    arguments.extend(["--json", "--observations-out", file.to_str().unwrap()].map(str::to_owned));
    let watched = landfall(arguments);
    let mut bytes = fs::read(&file).unwrap();
    bytes.splice(0..0, b"\xff\xfe\n\0\0\n".iter().copied());
    bytes.extend(vec![b'x'; 3 << 20]);
    bytes.extend(b"\n{}\n".repeat(40));
    let register = path("examples/crm-processor");
    let run = landfall_reading(["judge", "--register", &register, "--observations", "-", "--json"], &bytes);
    assert_eq!((run.status, run.stdout), (2, watched.stdout));
    assert!(run.stderr.contains("-: line 1: expected UTF-8 text\n"), "{}", run.stderr);
    assert!(run.stderr.contains("longer than 1048576 bytes"), "{}", run.stderr);
    // Two lines before, the long one, and forty behind it: twenty are named.
    assert!(run.stderr.ends_with("error: 23 more lines are no observations\n"), "{}", run.stderr);

    let run = landfall(["judge", "--register", &register, "--observations", folder.path().to_str().unwrap()]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("line 1: cannot be read: Is a directory"), "{}", run.stderr);
}

#[test]
fn a_full_disk_behind_stdout_is_an_error_and_behind_stderr_costs_no_results() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let capture = captures()[0].clone();
    let flows = || {
        let mut command = std::process::Command::new(binary());
        command.args(["flows", "--json", "--pcap"]).arg(&capture);
        command
    };
    let run = flows().stdout(full()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8(run.stderr).unwrap().contains("error: failed to write the results: "));
    let run = flows().stderr(full()).output().unwrap();
    let expected = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]);
    assert_eq!((run.status.code(), String::from_utf8(run.stdout).unwrap()), (Some(0), expected.stdout));
}
