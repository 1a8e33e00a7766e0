//! Ledger records about incidents. What the program did and what people decided are records of different kinds, because
//! records that name people have their own retention period.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_api::{IncidentSpec, Kind as _, NamespacedReference};
use landfall_transfer_law::{EdgeId, Outcome};
use serde::{Deserialize, Serialize};

use super::{BreachTerms, Finding, Incident, IncidentKey, Overdue, ServedTenants};

/// What the program did to an incident (kind `incident`). It contains nothing that people wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentRecord {
    /// Always [`IncidentRecord::SCHEMA`].
    #[serde(rename = "schema")]
    pub schema: String,
    /// Version of the program that wrote it, which defines the meaning of its codes.
    #[serde(rename = "program")]
    pub program: String,
    /// What happened.
    #[serde(rename = "event")]
    pub event: IncidentEvent,
    /// When, by the operator's clock.
    #[serde(rename = "at")]
    pub at: Timestamp,
    /// The incident: its edge, or namespace and name of its object.
    #[serde(flatten)]
    pub key: IncidentKey,
    /// When the breach became known: at first, and at each return after it was closed.
    #[serde(rename = "known")]
    pub known: Vec<Timestamp>,
    /// The latest finding.
    #[serde(rename = "finding")]
    pub finding: Option<Finding>,
    /// The worst outcome since it was opened.
    #[serde(rename = "worst")]
    pub worst: Option<Outcome>,
    /// Time of the last unlawful traffic.
    #[serde(rename = "lastSeen")]
    pub last_seen: Option<Timestamp>,
    /// The agreement's terms for breaches at that time.
    #[serde(rename = "terms")]
    pub terms: Option<Arc<BreachTerms>>,
    /// The tenants whose traffic it was.
    #[serde(rename = "served")]
    pub served: ServedTenants,
    /// Reports that were not sent in time, in the order in which this was recorded.
    #[serde(rename = "overdue", default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
}

/// What the program did to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IncidentEvent {
    /// A breach became known.
    #[serde(rename = "opened")]
    Opened,
    /// It returned after it was closed.
    #[serde(rename = "returned")]
    Returned,
    /// A report was not sent in time: the last of `overdue`.
    #[serde(rename = "overdue")]
    Overdue,
    /// Measures are recorded and no report is owed any more.
    #[serde(rename = "closed")]
    Closed,
}

/// What a person decided and wrote into an object (kind `decision`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Always [`DecisionRecord::SCHEMA`].
    #[serde(rename = "schema")]
    pub schema: String,
    /// When the operator read it.
    #[serde(rename = "at")]
    pub at: Timestamp,
    /// The object.
    #[serde(rename = "subject")]
    pub subject: Subject,
    /// The edge that it is about, if any.
    #[serde(rename = "edge")]
    pub edge: Option<Arc<EdgeId>>,
    /// The decisions since the previous record, and who made them.
    #[serde(rename = "decisions")]
    pub decisions: Vec<Decided>,
    /// The complete specification of the object after the decision.
    #[serde(rename = "written")]
    pub written: IncidentSpec,
}

/// One decision, and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided.
    #[serde(rename = "what")]
    pub what: DecisionKind,
    /// Name of the report, for decisions about one.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who decided, by office, as that person wrote it; `null` if nobody wrote it. The API server does not tell the
    /// operator which user wrote an object.
    #[serde(rename = "by")]
    pub by: Option<String>,
}

/// What a person can decide about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecisionKind {
    /// A person created the Incident.
    #[serde(rename = "opening")]
    Opening,
    /// The result of a person's triage.
    #[serde(rename = "triage")]
    Triage,
    /// A report was sent.
    #[serde(rename = "report-sent")]
    ReportSent,
    /// It is closed, with the reasons why the measures suffice.
    #[serde(rename = "closing")]
    Closing,
    /// Persons concerned, consequences, or summary were changed.
    #[serde(rename = "particulars")]
    Particulars,
    /// A triage was removed.
    #[serde(rename = "triage-withdrawn")]
    TriageWithdrawn,
    /// A report was removed.
    #[serde(rename = "report-withdrawn")]
    ReportWithdrawn,
    /// A closing was removed.
    #[serde(rename = "closing-withdrawn")]
    ClosingWithdrawn,
}

/// An object of the cluster that a record is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Its kind.
    #[serde(rename = "kind")]
    pub kind: String,
    /// Its namespace.
    #[serde(rename = "namespace")]
    pub namespace: String,
    /// Its name.
    #[serde(rename = "name")]
    pub name: String,
}

// === impl IncidentRecord ===

impl IncidentRecord {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.incident/v1";

    pub(super) fn new(event: IncidentEvent, incident: &Incident, at: Timestamp) -> Self {
        let Incident { key, known, finding, worst, last_seen, written: _, terms, served, overdue, is_closed: _ } =
            incident.clone();
        let schema = Self::SCHEMA.to_owned();
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema, program, event, at, key, known, finding, worst, last_seen, terms, served, overdue }
    }
}

// === impl DecisionRecord ===

impl DecisionRecord {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.decision/v1";

    /// The decisions between two states of an Incident; `None` if there are none. `before` is `None` for an Incident read for
    /// the first time, which a person created unless the program did.
    pub(super) fn from_change(
        subject: Subject,
        edge: Option<&Arc<EdgeId>>,
        (before, after): (Option<&IncidentSpec>, &IncidentSpec),
        is_opened_by_program: bool,
        at: Timestamp,
    ) -> Option<Self> {
        let decisions = decided(before, after, is_opened_by_program);
        (!decisions.is_empty()).then(|| Self {
            schema: Self::SCHEMA.to_owned(),
            at,
            subject,
            edge: edge.cloned(),
            decisions,
            written: after.clone(),
        })
    }
}

impl Subject {
    /// An Incident.
    pub fn incident(NamespacedReference { namespace, name }: &NamespacedReference) -> Self {
        Self { kind: IncidentSpec::KIND.to_owned(), namespace: namespace.clone(), name: name.clone() }
    }
}

fn decided(before: Option<&IncidentSpec>, after: &IncidentSpec, is_opened_by_program: bool) -> Vec<Decided> {
    let mut decided = Vec::new();
    let mut add = |what, name: Option<&str>, by: Option<&str>| {
        decided.push(Decided { what, name: name.map(str::to_owned), by: by.map(str::to_owned) });
    };
    if before.is_none() && !is_opened_by_program {
        add(DecisionKind::Opening, None, None);
    }
    let triage = before.and_then(|before| before.triage.as_ref());
    match &after.triage {
        Some(after) if triage != Some(after) => add(DecisionKind::Triage, None, Some(&after.by)),
        None if triage.is_some() => add(DecisionKind::TriageWithdrawn, None, None),
        _ => {}
    }
    let reports = before.map(|before| before.reports.as_slice()).unwrap_or_default();
    for report in after.reports.iter().filter(|report| !reports.contains(report)) {
        add(DecisionKind::ReportSent, Some(&report.name), report.by.as_deref());
    }
    let stands = |name: &str| after.reports.iter().any(|report| report.name == name);
    for report in reports.iter().filter(|report| !stands(&report.name)) {
        add(DecisionKind::ReportWithdrawn, Some(&report.name), None);
    }
    let closing = before.and_then(|before| before.closing.as_ref());
    match &after.closing {
        Some(after) if closing != Some(after) => add(DecisionKind::Closing, None, Some(&after.by)),
        None if closing.is_some() => add(DecisionKind::ClosingWithdrawn, None, None),
        _ => {}
    }
    let particulars = before.map_or_else(
        || is_opened_by_program && names_particulars(after),
        |before| without_decisions(before) != without_decisions(after),
    );
    if particulars {
        add(DecisionKind::Particulars, None, None);
    }
    decided
}

/// The specification without the fields that are decisions of their own.
fn without_decisions(spec: &IncidentSpec) -> IncidentSpec {
    IncidentSpec { triage: None, reports: Vec::new(), closing: None, ..spec.clone() }
}

/// Whether it contains particulars, which the program never writes itself.
fn names_particulars(spec: &IncidentSpec) -> bool {
    let nature = &spec.nature;
    spec.consequences.is_some()
        || !nature.data_subjects.is_empty()
        || nature.approximate_subjects.is_some()
        || nature.approximate_records.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(more: &Value) -> IncidentSpec {
        let mut spec = json!({
            "agreementRef": { "name": "crm-processor" }, "firstAwareness": "2026-11-23T10:00:00Z",
            "discoveredBy": "Alert", "nature": { "codes": ["NoBasis"], "summary": "no basis" },
        });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    /// The decisions as JSON.
    fn decided_as_text(before: Option<&Value>, after: &Value, is_opened_by_program: bool) -> Value {
        let before = before.map(spec);
        serde_json::to_value(decided(before.as_ref(), &spec(after), is_opened_by_program)).unwrap()
    }

    #[test]
    fn decisions_of_people_are_distinguished_and_name_the_decider() {
        let triage =
            json!({ "result": "Breach", "reasons": "seen", "by": "data protection", "at": "2026-11-23T11:00:00Z" });
        let first = json!({ "name": "first", "stage": "FirstStatus", "sentAt": "2026-11-23T12:00:00Z", "by": "legal" });
        let full = json!({ "name": "full", "stage": "FullReport", "sentAt": "2026-11-23T13:00:00Z" });
        let closing = json!({ "measures": ["stopped"], "reasoning": "off", "by": "it", "at": "2026-11-23T14:00:00Z" });
        let nothing = json!({});
        for (before, after, expected) in [
            (&nothing, json!({}), json!([])),
            (&nothing, json!({ "triage": triage }), json!([{ "what": "triage", "by": "data protection" }])),
            (
                &json!({ "reports": [first] }),
                json!({ "reports": [first, full] }),
                json!([{ "what": "report-sent", "name": "full", "by": null }]),
            ),
            (
                &json!({ "reports": [first], "closing": closing }),
                json!({ "reports": [full], "triage": triage }),
                json!([
                    { "what": "triage", "by": "data protection" },
                    { "what": "report-sent", "name": "full", "by": null },
                    { "what": "report-withdrawn", "name": "first", "by": null },
                    { "what": "closing-withdrawn", "by": null },
                ]),
            ),
            (
                &json!({ "triage": triage }),
                json!({ "closing": closing }),
                json!([
                    { "what": "triage-withdrawn", "by": null }, { "what": "closing", "by": "it" },
                ]),
            ),
            (&nothing, json!({ "consequences": "few" }), json!([{ "what": "particulars", "by": null }])),
        ] {
            assert_eq!(decided_as_text(Some(before), &after, true), expected, "{before} {after}");
        }
    }

    #[test]
    fn an_incident_opened_by_the_program_is_not_a_decision() {
        let triage = json!({ "result": "Breach", "reasons": "seen", "by": "office", "at": "2026-11-23T11:00:00Z" });
        assert_eq!(decided_as_text(None, &json!({}), true), json!([]));
        assert_eq!(decided_as_text(None, &json!({}), false), json!([{ "what": "opening", "by": null }]));
        let expected = json!([{ "what": "triage", "by": "office" }]);
        assert_eq!(decided_as_text(None, &json!({ "triage": triage }), true), expected);
        let particulars = json!([{ "what": "particulars", "by": null }]);
        assert_eq!(decided_as_text(None, &json!({ "consequences": "few" }), true), particulars);
    }
}
