//! `landfall lint`: the thirteen gaps of the example agreement, each repaired by itself, and a clean
//! agreement.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, landfall, root};

const AT: [&str; 2] = ["--at", "2026-11-23T12:00:00Z"];
const EXAMPLE: &str = "examples/crm-processor";
const CLEAN: &str = "tests/lint/clean";

/// The gaps of the example, with lines of its text that must be cited.
const GAPS: [(&str, &[&str]); 13] = [
    ("GAP-01", &["L46"]),
    ("GAP-02", &["L55"]),
    ("GAP-03", &["L172-L174"]),
    ("GAP-04", &["L95", "L184"]),
    ("GAP-05", &["L76"]),
    ("GAP-06", &["L9", "L159", "L162"]),
    ("GAP-07", &["L9", "L68", "L86", "L90"]),
    ("GAP-08", &["L75"]),
    ("GAP-09", &["L94"]),
    ("GAP-10", &["L10"]),
    ("GAP-11", &["L186"]),
    ("GAP-12", &["L38", "L40-L41"]),
    ("GAP-13", &["L52", "L53", "L54"]),
];

/// An edit of a file: what stands there, and what shall.
type Edit = (&'static str, &'static str, &'static str);

const AGREEMENT: &str = "agreement.yaml";

/// The repair of each gap.
const REPAIRS: [(&str, &[Edit]); 13] = [
    (
        "GAP-01",
        &[
            (
                AGREEMENT,
                "    - { id: TERM, lines: [L46] }\n",
                "    - { id: TERM, lines: [L46] }\n    - { id: DELETE, lines: [L46a] }\n",
            ),
            (
                AGREEMENT,
                "  statements:\n",
                "  statements:\n    - { line: L46a, topic: Retention, subject: agreement, value: three years }\n",
            ),
        ],
    ),
    ("GAP-02", &[(AGREEMENT, "clause: L55, present: false", "clause: L55, revision: \"2026-11-20\"")]),
    (
        "GAP-03",
        &[(
            AGREEMENT,
            "    dataSubjects:\n",
            "      - { category: \"pd:VoiceCommunicationRecording\", clause: L60a }\n    dataSubjects:\n",
        )],
    ),
    (
        "GAP-04",
        &[(
            AGREEMENT,
            "line: L184, topic: Seat, subject: gemini, value: USA, places: [US]",
            "line: L184, topic: Seat, subject: gemini, value: worldwide, anywhere: true",
        )],
    ),
    (
        "GAP-05",
        &[
            (AGREEMENT, "value: Ireland, places: [IE]", "value: Ireland and USA, places: [IE, US]"),
            (AGREEMENT, "for European data, places: [IE]", "and USA, places: [IE, US]"),
        ],
    ),
    (
        "GAP-06",
        &[
            (AGREEMENT, "value: GoHighLevel Inc.", "value: HighLevel Inc."),
            (AGREEMENT, "TX 75202, USA", "TX 75201, USA"),
            (AGREEMENT, "4 Grand Canal Square, Dublin 2, Ireland", "Merrion Road, Dublin 4, Ireland"),
        ],
    ),
    (
        "GAP-07",
        &[(
            AGREEMENT,
            "  statements:\n",
            "  statements:\n    - { line: L158a, topic: OnwardRecipient, subject: agreement, value: data centres, operators: [Amazon Web Services, Google Cloud, Microsoft Azure] }\n",
        )],
    ),
    ("GAP-08", &[("recipients/meta-wa.yaml", "value: Importer", "value: Exporter")]),
    ("GAP-09", &[(AGREEMENT, "value: TLS 1.3, tls: \"1.3\"", "value: TLS 1.2+, tls: \"1.2\"")]),
    (
        "GAP-10",
        &[(
            AGREEMENT,
            "instrument: StandardContractualClauses",
            "instrument: StandardContractualClauses, modules: [3]",
        )],
    ),
    ("GAP-11", &[(AGREEMENT, ", seats: [US]", "")]),
    (
        "GAP-12",
        &[
            ("recipients/anthropic.yaml", "amount: 15, unit: Days", "amount: 28, unit: Days"),
            ("recipients/anthropic.yaml", "amount: 48, unit: Hours", "amount: 4, unit: Hours"),
        ],
    ),
    (
        "GAP-13",
        &[
            (AGREEMENT, "clause: L52 }", "clause: L52, revision: \"2025-09-01\" }"),
            (AGREEMENT, "clause: L53 }", "clause: L53, revision: \"2025-09-01\" }"),
            (AGREEMENT, "clause: L54 }", "clause: L54, revision: \"2025-09-01\" }"),
        ],
    ),
];

#[test]
fn the_example_has_the_thirteen_gaps_each_with_its_clause() {
    let found = lint(&root().join(EXAMPLE)).json();
    for (id, lines) in GAPS {
        let clauses: Vec<_> =
            found.iter().filter(|finding| finding["id"] == id).map(|finding| &finding["clause"]).collect();
        assert!(!clauses.is_empty() && clauses.iter().all(|clause| clause.is_string()), "{id}: {clauses:?}");
        let cited: BTreeSet<_> = clauses.iter().flat_map(|clause| clause.as_str().unwrap().split(", ")).collect();
        assert!(lines.iter().all(|line| cited.contains(line)), "{id}: {lines:?} in {cited:?}");
    }
}

#[test]
fn a_repaired_gap_is_gone_and_nothing_else() {
    let before = ids(&lint(&root().join(EXAMPLE)));
    for (gap, edits) in REPAIRS {
        let copy = copy(EXAMPLE, edits);
        let mut expected = before.clone();
        expected.remove(gap);
        assert_eq!(ids(&lint(copy.path())), expected, "{gap}");
    }
}

#[test]
fn all_gaps_can_be_repaired_at_once() {
    let edits: Vec<_> = REPAIRS.iter().flat_map(|(_, edits)| edits.iter().copied()).collect();
    let left = ids(&lint(copy(EXAMPLE, &edits).path()));
    assert!(!left.iter().any(|id| id.starts_with("GAP-")), "{left:?}");
}

#[test]
fn a_clean_agreement_has_no_finding() {
    let run = lint(&root().join(CLEAN));
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let table = landfall(["lint", root().join(CLEAN).to_str().unwrap()].into_iter().chain(AT));
    assert_eq!((table.status, table.stdout.as_str()), (0, "0 findings\n"));
}

#[test]
fn a_run_fails_on_errors_only_if_asked_to() {
    let asked = |folder: &Path| {
        let arguments = ["lint", folder.to_str().unwrap(), "--fail-on", "lint-error"];
        landfall(arguments.into_iter().chain(AT)).status
    };
    assert_eq!((asked(&root().join(EXAMPLE)), asked(&root().join(CLEAN))), (1, 0));
    assert_eq!(lint(&root().join(EXAMPLE)).status, 0);
    // A warning is no error.
    let warned = copy(CLEAN, &[(AGREEMENT, "clause: L49, revision: \"2026-09-15\"", "clause: L49")]);
    assert_eq!((asked(warned.path()), ids(&lint(warned.path()))), (0, BTreeSet::from(["GAP-13".to_owned()])));
}

#[test]
fn findings_are_told_as_table_json_and_yaml() {
    let folder = copy(
        CLEAN,
        &[
            (AGREEMENT, "    - { id: DELETE, lines: [L45] }\n", ""),
            (AGREEMENT, "clause: L49, revision: \"2026-09-15\"", "clause: L49"),
            ("recipients.yaml", "value: Exporter", "value: Importer"),
        ],
    );
    let told = |format: &str| {
        let arguments = ["lint", folder.path().to_str().unwrap(), "-o", format];
        landfall(arguments.into_iter().chain(AT)).stdout
    };
    insta::assert_snapshot!("lint-table", told("table"));
    insta::assert_snapshot!("lint-json", told("json"));
    insta::assert_snapshot!("lint-yaml", told("yaml"));
}

#[test]
fn time_makes_a_clean_register_stale() {
    let folder = root().join(CLEAN);
    let at = |instant: &str| ids(&landfall(["lint", folder.to_str().unwrap(), "--at", instant, "--json"]));
    let later = at("2030-01-01T00:00:00Z");
    assert_eq!(later, ["DPF-CHECK", "FACT-STALE", "TIA-STALE"].map(str::to_owned).into());
    assert!(at("2020-01-01T00:00:00Z").contains("DATE-FUTURE"));
    // Without an instant it is the machine's own time, whatever that is.
    assert_eq!(landfall(["lint", folder.to_str().unwrap()]).status, 0);
}

#[test]
fn what_the_loader_warns_of_is_a_finding_and_stands_once() {
    let host = ("recipients.yaml", "hosts: [smtp.mailer.example]", "hosts: [api.host.example]");
    let found = lint(copy(CLEAN, &[host]).path());
    assert_eq!(ids(&found), BTreeSet::from(["ENDPOINT-COLLISION".to_owned()]));
    assert_eq!(found.json()[0]["object"]["name"], "mailer");

    let name =
        ("bases.yaml", "importers: [Example Phone LLC]\n  countries", "importers: [Example Phone L.L.C.]\n  countries");
    let found = lint(copy(CLEAN, &[name]).path());
    assert_eq!(ids(&found), ["BASIS-STRANGER", "CLAIM-INSTRUMENT"].map(str::to_owned).into());
    assert!(found.stdout.contains("is spelled differently"), "{}", found.stdout);

    let tenant = (AGREEMENT, "perTenant, tenants: [tenant-a]", "perTenant, tenants: [tenant-b]");
    let found = lint(copy(CLEAN, &[tenant]).path());
    assert_eq!(found.json().len(), 1, "{}", found.stdout);
    assert_eq!(ids(&found), BTreeSet::from(["TENANT-UNKNOWN".to_owned()]));
}

#[test]
fn help_has_an_example_and_a_bad_folder_is_refused() {
    let help = landfall(["lint", "--help"]);
    assert!(help.stdout.contains("Example:\n  landfall lint examples/crm-processor"), "{}", help.stdout);
    assert_eq!(landfall(["lint", "/nonexistent"]).status, 2);
    assert_eq!(landfall(["lint"]).status, 2);
    assert_eq!(landfall(["lint", "--fail-on", "unlawful", "x"]).status, 2);
}

fn lint(folder: &Path) -> Run {
    landfall(["lint", folder.to_str().unwrap(), "--json"].into_iter().chain(AT))
}

fn ids(run: &Run) -> BTreeSet<String> {
    assert_eq!(run.stderr, "");
    run.json().iter().map(|finding: &Value| finding["id"].as_str().unwrap().to_owned()).collect()
}

/// A copy of a register with `edits`, each of which must meet what it changes.
fn copy(register: &str, edits: &[Edit]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = vec![PathBuf::new()];
    while let Some(below) = sources.pop() {
        for entry in fs::read_dir(root().join(register).join(&below)).unwrap() {
            let entry = entry.unwrap();
            let path = below.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                fs::create_dir(folder.path().join(&path)).unwrap();
                sources.push(path);
            } else {
                fs::copy(entry.path(), folder.path().join(&path)).unwrap();
            }
        }
    }
    for (file, from, to) in edits {
        let file = folder.path().join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{}: {from}", file.display());
        fs::write(&file, text.replace(from, to)).unwrap();
    }
    folder
}
