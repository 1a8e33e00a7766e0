//! Other keys and holds for a ledger that `landfall watch` keeps.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    ledger::watch_into,
    support::{Run, landfall},
};

fn ledger(command: &str, folder: &Path, more: &[&str]) -> Run {
    landfall(["ledger", command, folder.to_str().unwrap()].iter().chain(more))
}

fn watched() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    watch_into(folder.path());
    folder
}

#[test]
fn another_key_signs_on_and_who_knows_either_verifies_all() {
    let (folder, keys) = (watched(), tempfile::tempdir().unwrap());
    let path = |name: &str| keys.path().join(name).to_str().unwrap().to_owned();
    fs::copy(folder.path().join("public-key.pem"), path("first.pem")).unwrap();
    let old = fs::read_to_string(folder.path().join("signing-key.pem")).unwrap();
    fs::write(path("old.pem"), &old).unwrap();

    let rotated = ledger("rotate-key", folder.path(), &["--new-key", &path("new.pem")]);
    assert_eq!((rotated.status, rotated.stdout.as_str()), (0, ""), "{}", rotated.stderr);
    assert!(rotated.stderr.starts_with("from segment 4 on, the key "), "{}", rotated.stderr);
    let own = folder.path().join("signing-key.pem");
    assert_eq!(fs::read_to_string(&own).unwrap(), fs::read_to_string(path("new.pem")).unwrap());
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Once more, as after a run that was ended in between.
    fs::write(&own, &old).unwrap();
    let again = ledger("rotate-key", folder.path(), &["--new-key", &path("new.pem")]);
    assert!(again.status == 0 && again.stderr.contains("already"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&own).unwrap(), fs::read_to_string(path("new.pem")).unwrap());

    watch_into(folder.path());
    let inside = ledger("show", folder.path(), &["-o", "json"]);
    assert_eq!(inside.status, 0, "{}", inside.stderr);
    for key in ["first.pem", "new-public.pem"] {
        if key == "new-public.pem" {
            fs::copy(folder.path().join("public-key.pem"), path(key)).unwrap();
        }
        let verified = ledger("verify", folder.path(), &["--public-key", &path(key), "-o", "json"]);
        assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
        assert_eq!(verified.json()[0]["keys"].as_array().unwrap().len(), 2);
        let shown = ledger("show", folder.path(), &["--public-key", &path(key), "-o", "json"]);
        assert_eq!((shown.status, &shown.stdout), (0, &inside.stdout), "{}", shown.stderr);
    }
    // A manifest of the first key is a head for who knows the second.
    let manifest = folder.path().join("segments/00000001-windows.manifest.json");
    let noted = ledger("verify", folder.path(), &["--head", manifest.to_str().unwrap()]);
    assert_eq!(noted.status, 0, "{}", noted.stderr);
    let changes = ledger("export", folder.path(), &["--kind", "key-change"]).json();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (&changes[0]["body"]["schema"], &changes[0]["body"]["reason"]),
        (&json!("landfall.key-change/v1"), &json!("superseded"))
    );

    // The old key is of no use any more, and a third one needs the second.
    let refused = ledger("rotate-key", folder.path(), &["--key", &path("old.pem"), "--new-key", &path("third.pem")]);
    assert!(refused.status == 2 && refused.stderr.contains("the ledger is signed with the key "), "{}", refused.stderr);
    assert!(!Path::new(&path("third.pem")).exists(), "no key is made for nothing");
    let refused = ledger("rotate-key", folder.path(), &["--new-key", &path("old.pem")]);
    assert!(refused.status == 2 && refused.stderr.contains("signed this ledger before"), "{}", refused.stderr);
}

#[test]
fn holds_are_set_listed_and_lifted() {
    let folder = watched();
    let set = ledger(
        "hold",
        folder.path(),
        &["LG-12-2026", "--reason", "claim of a data subject", "--by", "legal department", "--windows"],
    );
    assert_eq!((set.status, set.stderr.as_str()), (0, "hold \"LG-12-2026\" is set until it is lifted\n"));
    let set = ledger("hold", folder.path(), &["audit", "--reason", "audit", "--until", "2099-01-01T00:00:00Z"]);
    assert_eq!(set.status, 0, "{}", set.stderr);
    let listed = ledger("holds", folder.path(), &["-o", "json"]).json();
    let expected = [
        json!({
            "name": "LG-12-2026", "classes": ["windows", "people"], "until": null, "reason": "claim of a data subject",
            "by": "legal department", "isInForce": true,
        }),
        json!({
            "name": "audit", "classes": ["people"], "until": "2099-01-01T00:00:00Z", "reason": "audit", "by": null,
            "isInForce": true,
        }),
    ];
    assert_eq!(listed, expected);
    let table = ledger("holds", folder.path(), &["--at", "2100-01-01T00:00:00Z"]);
    let row = table.stdout.lines().find(|line| line.contains("audit")).unwrap();
    assert!(row.contains(" no ") && table.stdout.contains("2 holds"), "{}", table.stdout);

    let run = ledger("lift", folder.path(), &["LG-12-2026", "--reason", "settled", "--by", "legal department"]);
    assert!(run.status == 0 && run.stderr.contains("is lifted"), "{}", run.stderr);
    assert_eq!(ledger("holds", folder.path(), &["-o", "json"]).json(), expected[1..]);
    let decisions = ledger("export", folder.path(), &["--kind", "decision"]).json();
    let events: Vec<_> = decisions.iter().map(|record| &record["body"]["event"]).collect();
    assert_eq!(events, ["set", "set", "lifted"]);
    assert_eq!(ledger("verify", folder.path(), &[]).status, 0);
    let shown = ledger("show", folder.path(), &[]);
    assert!(shown.stderr.contains("3 other records (decision 3)"), "{}", shown.stderr);

    for (arguments, why) in [
        (&["lift", "LG-12-2026", "--reason", "again"][..], "no hold is named \"LG-12-2026\""),
        (&["hold", "old", "--reason", "x", "--until", "2000-01-01T00:00:00Z"], "expected an instant in the future"),
        (&["hold", "", "--reason", "x"], "expected a name of 1 to 253 bytes"),
    ] {
        let refused = ledger(arguments[0], folder.path(), &arguments[1..]);
        assert!(refused.status == 2 && refused.stderr.contains(why), "{}", refused.stderr);
    }
    let nowhere = tempfile::tempdir().unwrap();
    let refused = ledger("hold", nowhere.path(), &["a", "--reason", "x"]);
    assert!(refused.status == 2 && refused.stderr.contains("no ledger found"), "{}", refused.stderr);
    assert_eq!(fs::read_dir(nowhere.path()).unwrap().count(), 0, "and none is begun");
}
