//! What a run writes never costs what was there: no output is an input, nothing is replaced unasked, and a run that fails
//! leaves what was there before.

use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{Run, binary, captures, landfall, landfall_reading, path, record};

/// A copy of a recorded capture in a folder of its own.
struct Capture {
    folder: TempDir,
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Capture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("capture.pcapng");
        fs::copy(captures().iter().find(|file| file.extension().is_some_and(|it| it == "pcapng")).unwrap(), &file)
            .unwrap();
        let bytes = fs::read(&file).unwrap();
        Self { folder, file, bytes }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn unchanged(&self) {
        assert!(fs::read(&self.file).unwrap() == self.bytes, "the capture was written to");
    }

    /// What lies beside it, in order.
    fn beside(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn watch(capture: &Path, more: &[&str]) -> Run {
    let register = path("examples/crm-processor");
    landfall(["watch", "--register", &register, "--pcap", text(capture), "-o", "json"].iter().chain(more))
}

fn refused(run: &Run, expected: &str) {
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(expected), "expected {expected:?} in {}", run.stderr);
}

#[test]
fn no_output_is_the_capture_by_whatever_name() {
    let capture = Capture::new();
    symlink(&capture.file, capture.path("symbolic")).unwrap();
    symlink("symbolic", capture.path("twice")).unwrap();
    fs::hard_link(&capture.file, capture.path("hard")).unwrap();
    let roundabout = format!("{}/./capture.pcapng", text(capture.folder.path()));
    let before = capture.beside();
    for name in [text(&capture.file), &roundabout, "symbolic", "twice", "hard"] {
        let output = if name.contains('/') { PathBuf::from(name) } else { capture.path(name) };
        for force in [&[][..], &["--force"]] {
            let run = watch(&capture.file, &[&["--observations-out", text(&output)], force].concat());
            refused(&run, &format!("is the same file as the input --pcap {}", capture.file.display()));
            capture.unchanged();
            assert_eq!(capture.beside(), before);
        }
        // The other way round: the link is read, the file would be written.
        let run = watch(&output, &["--force", "--observations-out", text(&capture.file)]);
        refused(&run, "is the same file as the input --pcap ");
        capture.unchanged();
    }
}

#[test]
fn an_open_file_is_known_by_its_descriptor() {
    let capture = Capture::new();
    let register = path("examples/crm-processor");
    for (input, output) in [
        ("-", text(&capture.file)),
        ("/dev/stdin", text(&capture.file)),
        ("/proc/self/fd/0", text(&capture.file)),
        (text(&capture.file), "/dev/fd/0"),
        ("-", "/dev/stdin"),
    ] {
        let run = Command::new(binary())
            .args(["watch", "--register", &register, "--pcap", input, "--force", "--observations-out", output])
            .stdin(File::options().read(true).write(true).open(&capture.file).unwrap())
            .output()
            .unwrap();
        let stderr = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{input} {output}: {stderr}");
        assert!(stderr.contains("is the same file as the input --pcap "), "{stderr}");
        capture.unchanged();
    }
}

#[test]
fn standard_output_is_no_input_either() {
    let capture = Capture::new();
    let folder = tempfile::tempdir().unwrap();
    let (observations, _) = record(&folder);
    let recorded = fs::read(&observations).unwrap();
    let register = path("examples/crm-processor");
    let append = |arguments: &[&str], file: &Path| {
        let out = File::options().append(true).open(file).unwrap();
        let run = Command::new(binary()).args(arguments).stdout(out).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("standard output goes into the input --"), "{stderr}");
    };
    append(&["flows", "--json", "--pcap", text(&capture.file)], &capture.file);
    append(&["watch", "--register", &register, "--pcap", text(&capture.file)], &capture.file);
    append(&["register", "draft", "--pcap", text(&capture.file)], &capture.file);
    capture.unchanged();
    append(&["judge", "--register", &register, "--observations", &observations], Path::new(&observations));
    append(&["register", "draft", "--observations", &observations], Path::new(&observations));
    assert!(fs::read(&observations).unwrap() == recorded);
}

#[test]
fn register_locations_and_workloads_are_inputs_too() {
    let capture = Capture::new();
    for name in ["register", "locations"] {
        fs::create_dir(capture.path(name)).unwrap();
    }
    let agreement = capture.path("register/agreement.yaml");
    fs::write(&agreement, "kind: x\n").unwrap();
    let ranges = capture.path("locations/aws.json");
    fs::write(&ranges, "{}").unwrap();
    let workloads = capture.path("workloads.yaml");
    fs::write(&workloads, "[]").unwrap();
    symlink(&agreement, capture.path("elsewhere")).unwrap();
    let run = |output: &Path| {
        let [register, locations] = ["register", "locations"].map(|name| capture.path(name));
        landfall([
            "watch",
            "--register",
            text(&register),
            "--locations",
            text(&locations),
            "--workloads",
            text(&workloads),
            "--pcap",
            text(&capture.file),
            "--force",
            "--observations-out",
            text(output),
        ])
    };
    refused(&run(&agreement), "agreement.yaml of --register ");
    refused(&run(&capture.path("elsewhere")), "agreement.yaml of --register ");
    refused(&run(&ranges), "aws.json of --locations ");
    refused(&run(&workloads), "is the same file as the input --workloads ");
    assert_eq!(fs::read_to_string(agreement).unwrap(), "kind: x\n");
}

#[test]
fn what_is_there_is_replaced_only_if_asked() {
    let capture = Capture::new();
    let file = capture.path("seen.ndjson");
    let out = ["--observations-out", text(&file)];
    let first = watch(&capture.file, &out);
    assert_eq!(first.status, 0, "{}", first.stderr);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.lines().count() > 0 && written.ends_with('\n'));

    fs::write(&file, "evidence of another day\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    refused(&watch(&capture.file, &out), "seen.ndjson already exists (24 B); --force replaces it");
    assert_eq!(fs::read_to_string(&file).unwrap(), "evidence of another day\n");

    symlink(&file, capture.path("link")).unwrap();
    let link = capture.path("link");
    let replaced = watch(&capture.file, &["--observations-out", text(&link), "--force"]);
    assert_eq!(replaced.status, 0, "{}", replaced.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

    // A file as `mktemp` makes it holds nothing.
    fs::write(&file, "").unwrap();
    assert_eq!(watch(&capture.file, &out).status, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    assert_eq!(capture.beside(), ["capture.pcapng", "link", "seen.ndjson"]);
}

#[test]
fn a_run_that_fails_leaves_what_was_there() {
    let capture = Capture::new();
    let file = capture.path("seen.ndjson");
    let cut = capture.path("cut.pcapng");
    fs::write(&cut, &capture.bytes[..capture.bytes.len() - 3]).unwrap();
    let out = ["--observations-out", text(&file), "--force"];

    let run = watch(&cut, &out);
    assert!(
        run.status == 2 && run.stderr.contains("seen.ndjson is incomplete: this run did not read everything"),
        "{}",
        run.stderr
    );
    let cut_observations = fs::read_to_string(&file).unwrap();
    assert!(!cut_observations.is_empty());

    fs::write(&file, "evidence of another day\n").unwrap();
    let run = watch(&cut, &out);
    assert!(run.status == 2 && run.stderr.contains("seen.ndjson is unchanged"), "{}", run.stderr);
    let nowhere = landfall(["watch", "--register", "/nonexistent", "--pcap", text(&capture.file)].iter().chain(&out));
    assert_eq!(nowhere.status, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "evidence of another day\n");
    assert_eq!(capture.beside(), ["capture.pcapng", "cut.pcapng", "seen.ndjson"]);
}

#[test]
fn what_is_streamed_says_where_it_was_cut() {
    let capture = Capture::new();
    let file = capture.path("seen.ndjson");
    let register = path("examples/crm-processor");
    let arguments = ["watch", "--register", &register, "--pcap", "-", "-o", "json", "--observations-out", text(&file)];
    let run = landfall_reading(arguments, &capture.bytes[..capture.bytes.len() - 3]);
    assert_eq!(run.status, 2);
    let lines = fs::read_to_string(&file).unwrap().lines().count();
    let expected = format!("seen.ndjson is incomplete: this run did not read everything; {lines} lines");
    assert!(lines > 0 && run.stderr.contains(&expected), "{}", run.stderr);
}

#[test]
fn what_is_no_file_to_write_is_refused() {
    let capture = Capture::new();
    symlink(capture.path("nothing"), capture.path("dangling")).unwrap();
    let run = |output: &str| watch(&capture.file, &["--observations-out", output]);
    refused(&run(text(capture.folder.path())), "is a folder, expected a file");
    refused(&run(text(&capture.path("nowhere/seen.ndjson"))), "cannot be created: there is no folder ");
    refused(&run(text(&capture.path("dangling"))), "is a link that leads nowhere");
    assert_eq!(capture.beside(), ["capture.pcapng", "dangling"]);
    let run = run("/dev/null");
    assert_eq!(run.status, 0, "{}", run.stderr);
}

#[test]
fn two_outputs_are_two_files() {
    let capture = Capture::new();
    let ledger = capture.path("ledger");
    let both = watch(&capture.file, &["--observations-out", text(&ledger), "--ledger", text(&ledger)]);
    refused(&both, "is the same file as --observations-out ");
    assert_eq!(capture.beside(), ["capture.pcapng"]);
    let run = watch(&capture.file, &["--observations-out", "/dev/stdout"]);
    refused(&run, "is the same file as standard output, where the results go");

    assert_eq!(watch(&capture.file, &["--ledger", text(&ledger)]).status, 0);
    let before = names(&ledger);
    for inside in ["seen.ndjson", "segments/seen.ndjson", "ledger.db"] {
        let inside = ledger.join(inside);
        let out = ["--force", "--observations-out", text(&inside), "--ledger", text(&ledger)];
        refused(&watch(&capture.file, &out), "lies in the folder of the ledger ");
    }
    assert_eq!(names(&ledger), before);
}

#[test]
fn a_ledger_is_gone_on_with_only_where_it_is_ours() {
    let capture = Capture::new();
    let ledger = capture.path("ledger");
    let into = |folder: &Path, more: &[&str]| watch(&capture.file, &[&["--ledger", text(folder)], more].concat());
    assert_eq!(into(&ledger, &[]).status, 0);
    assert_eq!(into(&ledger, &[]).status, 0);
    let verified = landfall(["ledger", "verify", text(&ledger)]).stdout;
    let head = verified.lines().find_map(|line| line.strip_prefix("head ")).unwrap();
    let before = names(&ledger);

    let other = "holds the observations of the cluster local, not of prod; nothing was written";
    refused(&into(&ledger, &["--cluster", "prod"]), other);
    let key = ledger.join("signing-key.pem");
    let pem = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    // Neither the database nor, without it, the segments let another key in; none is made.
    for database in [true, false] {
        if !database {
            fs::remove_file(ledger.join("ledger.db")).unwrap();
        }
        refused(&into(&ledger, &[]), "and signing-key.pem is not there; nothing was written");
        assert!(!key.exists());
    }
    let foreign = capture.path("foreign");
    assert_eq!(into(&foreign, &[]).status, 0);
    fs::copy(foreign.join("signing-key.pem"), &key).unwrap();
    let public = fs::read(ledger.join("public-key.pem")).unwrap();
    refused(&into(&ledger, &[]), "is signed with the key ");
    assert!(fs::read(ledger.join("public-key.pem")).unwrap() == public);

    fs::write(&key, pem).unwrap();
    assert_eq!(into(&ledger, &[]).status, 0, "the database is rebuilt");
    let verified = landfall(["ledger", "verify", text(&ledger), "--head", head, "-o", "json"]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    assert_eq!(names(&ledger), before);
}

#[test]
fn what_is_no_ledger_is_left_alone() {
    let capture = Capture::new();
    let into = |folder: &Path| watch(&capture.file, &["--ledger", text(folder)]);
    let photographs = capture.path("photographs");
    fs::create_dir(&photographs).unwrap();
    fs::write(photographs.join("one.jpg"), "x").unwrap();
    refused(&into(&photographs), "photographs is no ledger and contains one.jpg; expected a ledger to continue");
    assert_eq!(names(&photographs), ["one.jpg"]);
    refused(&into(&capture.file), "is a file, expected the folder of a ledger");
    let register = path("examples/crm-processor");
    refused(&into(Path::new(&register)), "is the same file as the input --register ");
    capture.unchanged();

    // A link in the ledger to what is read.
    let ledger = capture.path("ledger");
    fs::create_dir(&ledger).unwrap();
    symlink(&capture.file, ledger.join("public-key.pem.unfinished")).unwrap();
    refused(&into(&ledger), "is the same file as the input --pcap ");
    capture.unchanged();
    fs::remove_file(ledger.join("public-key.pem.unfinished")).unwrap();
    assert_eq!(into(&ledger).status, 0, "an empty folder is a place for one");
}
