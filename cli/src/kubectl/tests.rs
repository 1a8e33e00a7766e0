//! What is printed for objects of a cluster, in both languages.

use clap::CommandFactory as _;
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::Stored;
use landfall_transfer_law::Language;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Incident, Plugin, Transfer,
    cluster::{Kubectl, Range, Scope},
    completion::{Named, Suggestions, suggest},
    context::{DisplayContext, namespaced_name},
    deadlines::{DeadlineList, deadlines},
    explain::explain,
    incidents::{self, IncidentTable},
    networks::{AgreementNetworks, AgreementNetworksList},
    sanitize,
    transfers::{self, TransferTable, nothing_judged},
};
use crate::{
    locale::Locale,
    output::{Screen, Table},
};

const TRANSFERS: &str = include_str!("../../testdata/cluster/transfers.yaml");
/// As somebody could write it who may.
const BY_HAND: &str = include_str!("../../testdata/cluster/by-hand.json");
const INCIDENTS: &str = include_str!("../../testdata/cluster/incidents.yaml");
const LANGUAGES: [Language; 2] = [Language::English, Language::German];

fn now() -> Timestamp {
    "2026-11-23T12:30:00Z".parse().unwrap()
}

/// As the API server would give them.
fn values(text: &str) -> Vec<Value> {
    let instants =
        [("KNOWN", "2026-11-23T08:00:00Z"), ("FOUR", "2026-11-23T12:00:00Z"), ("TWELVE", "2026-11-23T20:00:00Z")];
    let names = [("AGREED", "privacy"), ("WORK", "crm")];
    let text = instants.iter().chain(&names).fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.split("\n---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect()
}

fn read<S: landfall_api::Kind>(values: Vec<Value>) -> Vec<Stored<S>>
where
    Stored<S>: DeserializeOwned,
{
    values.into_iter().map(|value| serde_json::from_value(sanitize::object(value)).unwrap()).collect()
}

fn transfers() -> Vec<Transfer> {
    let mut transfers = read([values(TRANSFERS), values(BY_HAND)].concat());
    transfers::sort(&mut transfers);
    transfers
}

fn incidents() -> Vec<Incident> {
    let mut incidents = read(values(INCIDENTS));
    incidents::sort(&mut incidents, now());
    incidents
}

/// As a person asks who named a context.
fn kubectl() -> Kubectl {
    Kubectl::from_scope(&Scope { context: Some("test cluster".to_owned()), ..Scope::default() })
}

fn rendered<'a, T: Table<Row<'a> = R>, R: 'a + Serialize>(mut table: T, rows: &[R]) -> String {
    for row in rows {
        table.push(row);
    }
    table.render(Screen::pipe(None))
}

fn transfer_table(language: Language, rows: &[Transfer]) -> String {
    let (context, range) = (context(language), Range::Namespace("crm".to_owned()));
    rendered(TransferTable { rows: Vec::new(), context, range, shows_all: false }, rows)
}

fn incident_table(language: Language, rows: &[Incident]) -> String {
    rendered(IncidentTable { rows: Vec::new(), open: 0, context: context(language), range: Range::All }, rows)
}

fn deadline_list(language: Language, incidents: &[Incident]) -> String {
    let context = context(language);
    let rows = deadlines(incidents, &context);
    rendered(DeadlineList { blocks: Vec::new(), overdue: 0, context, range: Range::All }, &rows)
}

/// What `networks` prints of agreements with this condition, or none.
fn networks(language: Language, condition: Option<&Value>) -> String {
    let agreement = serde_json::json!({
        "apiVersion": "landfall.dev/v1alpha1",
        "kind": "ProcessingAgreement",
        "metadata": { "name": "crm", "namespace": "privacy" },
        "spec": {
            "revision": "1",
            "processor": { "legalName": "Own GmbH", "seat": "DE", "zone": "Europe/Berlin" },
            "scope": { "categories": [{ "category": "pd:Name", "clause": "L1" }] },
        },
        "status": { "conditions": condition.into_iter().collect::<Vec<_>>() },
    });
    let rows: Vec<_> = read(vec![agreement]).into_iter().map(AgreementNetworks::from_agreement).collect();
    rendered(AgreementNetworksList { blocks: Vec::new(), context: context(language), range: Range::All }, &rows)
}

#[test]
fn networks_are_text_to_add() {
    let condition = |status: &str, message: &str| {
        let at = "2026-11-23T08:00:00Z";
        serde_json::json!({ "type": "OwnNetworksDeclared", "status": status, "reason": "R", "message": message, "lastTransitionTime": at })
    };
    let missing = condition("False", "not said:\n\nspec:\n  ownNetworks:\u{1b}[2J");
    let title = "ProcessingAgreement privacy/crm: ";
    assert_eq!(
        networks(Language::English, Some(&missing)),
        format!(
            "{title}not said:\n\nspec:\n  ownNetworks:\u{fffd}[2J\n\n\
             To add it: kubectl --context 'test cluster' -n privacy edit agr crm"
        )
    );
    assert_eq!(networks(Language::German, Some(&condition("True", "all"))), format!("{title}all"));
    assert_eq!(
        networks(Language::English, None),
        format!("{title}the operator has not examined the networks of the cluster yet; is it running?")
    );
}

fn explanation(language: Language, transfer: &Transfer, incidents: &[Incident]) -> String {
    explain(transfer, Some(incidents), &context(language)).join("\n")
}

fn context(language: Language) -> DisplayContext {
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    DisplayContext { locale: Locale(language), zone, now: now(), kubectl: kubectl() }
}

/// Everything that is printed for these objects.
fn all(language: Language, transfers: &[Transfer], incidents: &[Incident]) -> String {
    let mut pages = vec![
        transfer_table(language, transfers),
        incident_table(language, incidents),
        deadline_list(language, incidents),
        transfer_table(language, &[]),
        incident_table(language, &[]),
        deadline_list(language, &[]),
    ];
    pages.extend(transfers.iter().zip([incidents, &[], &[], &[]]).map(|(it, about)| explanation(language, it, about)));
    pages.join("\n\n––––\n")
}

#[test]
fn objects_are_told_in_english() {
    insta::assert_snapshot!("in_english", all(Language::English, &transfers(), &incidents()));
}

#[test]
fn tables_in_a_pipe_keep_to_their_width_and_names_stay_whole() {
    let mut table = TransferTable {
        rows: Vec::new(),
        context: DisplayContext { kubectl: Kubectl::default(), ..context(Language::English) },
        range: Range::All,
        shows_all: false,
    };
    let transfers: Vec<_> = transfers().into_iter().filter(|it| namespaced_name(it).1.len() <= 63).collect();
    for transfer in &transfers {
        table.push(transfer);
    }
    let text = table.render(Screen::pipe(Some(160)));
    let rows: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
    assert!(rows.len() > 1 && rows.iter().all(|line| line.chars().count() <= 160), "{text}");
    for row in &rows[1..] {
        assert!(transfers.iter().any(|it| row.ends_with(&namespaced_name(it).1)), "{row}");
    }
}

#[test]
fn a_gate_without_a_verdict_says_why_it_is_not_passed() {
    let told = |transfers, range: &Range| nothing_judged(transfers, range, &context(Language::English));
    assert_eq!(
        told(0, &Range::Namespace("crm".to_owned())),
        "--fail-on: nothing was judged: there is no Transfer in namespace crm; kubectl landfall transfers -A --context 'test cluster'"
    );
    assert_eq!(
        told(2, &Range::All),
        "--fail-on: nothing was judged: no Transfer has a verdict yet (2) in all namespaces; kubectl get agr,tr -A (docs/operator.md)"
    );
}

#[test]
fn objects_are_told_in_german() {
    insta::assert_snapshot!("in_german", all(Language::German, &transfers(), &incidents()));
}

#[test]
fn no_text_of_an_object_drives_a_terminal() {
    const HOSTILE: &str = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{2028}\r\u{8}\0\u{7f}\u{feff}";
    const FREE: [&str; 22] = [
        "recipient",
        "endpoint",
        "bus",
        "text",
        "clause",
        "article",
        "instrument",
        "setting",
        "subject",
        "code",
        "cluster",
        "summary",
        "message",
        "reason",
        "obligation",
        "ruleset",
        "name",
        "namespace",
        "bases",
        "codes",
        "kind",
        "measures",
    ];
    fn poison(value: Value, is_free: bool) -> Value {
        match value {
            Value::String(text) if is_free => Value::String(text + &HOSTILE.repeat(50)),
            Value::Array(items) => items.into_iter().map(|item| poison(item, is_free)).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| {
                    let value = poison(value, FREE.contains(&name.as_str()));
                    (name, value)
                })
                .collect(),
            other => other,
        }
    }
    let poisoned = |text: &str| values(text).into_iter().map(|value| poison(value, false)).collect();
    let (transfers, incidents) = (read(poisoned(TRANSFERS)), read(poisoned(INCIDENTS)));
    let objects = [serde_json::to_string(&transfers).unwrap(), serde_json::to_string(&incidents).unwrap()];
    for text in LANGUAGES.map(|language| all(language, &transfers, &incidents)).iter().chain(&objects) {
        let controls = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{2028}' | '\u{feff}');
        assert_eq!(text.chars().find(controls), None);
        assert!(text.contains('\u{fffd}'));
    }
    let widest = LANGUAGES.map(|language| transfer_table(language, &transfers));
    assert!(widest.iter().flat_map(|table| table.lines()).all(|line| line.chars().count() < 800));
}

#[test]
fn a_clock_that_has_run_out_is_overdue_while_the_operator_is_away() {
    let overdue = |at: &str| {
        let context = DisplayContext { now: at.parse().unwrap(), ..context(Language::English) };
        let deadlines = deadlines(&incidents(), &context);
        deadlines.iter().filter(|deadline| deadline.overdue).map(|deadline| deadline.seconds_left).collect::<Vec<_>>()
    };
    assert_eq!(overdue("2026-11-23T11:59:59Z"), [-86_399, -57_599]);
    assert_eq!(overdue("2026-11-23T12:00:00Z"), [-86_400, -57_600, 0]);
    // A wall clock that was set back undoes nothing.
    assert_eq!(overdue("2026-11-22T08:00:00Z"), [14_400, 43_200]);
}

#[test]
fn arguments_are_consistent() {
    Plugin::command().debug_assert();
}

#[test]
fn what_can_stand_next_is_suggested() {
    let suggested = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let Suggestions { words, directive } = suggest(&words, |scope, named| {
            assert_eq!((scope.namespace.as_deref(), scope.all_namespaces), (Some("crm"), false));
            match named {
                Named::Transfers => vec!["sync-acme".to_owned(), "web-mailer".to_owned()],
                Named::Incidents => vec!["lost-laptop".to_owned()],
            }
        });
        (words.into_iter().map(|(word, _)| word).collect::<Vec<_>>(), directive)
    };
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (words, expected) in [
        (&["e"][..], &["explain"][..]),
        (&["transfers", "--ou"], &["--outcome", "--output"]),
        (&["transfers", "--outcome", "un"], &["unlawful", "unknown"]),
        (&["-n", "x", "deadlines", "--fail-on", ""], &["overdue"]),
        (&["incidents", "--names"], &["--namespace"]),
        (&["completion", ""], &["bash", "zsh", "fish"]),
        (&["explain", "-n", "crm", "s"], &["sync-acme"]),
        (&["-n", "crm", "explain", ""], &["sync-acme", "web-mailer"]),
        (&["incidents", "x"], &[]),
        (&["incident", ""], &["triage", "report", "close"]),
        (&["incident", "report", "-n", "crm", "l"], &["lost-laptop"]),
        (&["incident", "triage", "--result", "no"], &["no-breach"]),
        (&["-n", "inc"], &[]),
    ] {
        assert_eq!(suggested(words), (owned(expected), 4), "{words:?}");
    }
    assert_eq!(suggested(&["--kubeconfig", ""]), (Vec::new(), 0));
}
