//! The law of transfers (Chapter V GDPR and the agreement) as pure functions on plain structs.
//!
//! ```text
//! Ruleset + Observations ─► EdgeAggregator ─► Edge ─► judge(&Ruleset, &Edge, at) ─► Verdict ─► explain
//! Ruleset + Development ─► another Ruleset ─► rejudge(before, after, edges) ─► judgments to append
//! Ruleset ─► lint: what the agreement claims against what is so
//! ```
//!
//! It knows no I/O, no machine clock, no Kubernetes and no YAML: the caller passes the instant. Legal
//! facts (decisions, listings, contracts) are data in the [`Ruleset`], never code; the code is how
//! they work together, one instrument a file, each with the article it encodes, so that a lawyer can
//! audit it file by file. Periods of agreement and law are computed
//! in [`clock`].
//!
//! Terms: an *edge* is what is judged, from an exporter (a workload, or a topic of a message bus) to an
//! endpoint of a recipient; a *basis* is what makes a transfer lawful; a *hop* is one step of the chain
//! of importers; the *rung* says how a category is known.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod aggregator;
mod bases;
mod by_place;
mod categories;
pub mod clock;
mod counterpart;
mod development;
mod edge;
mod explain;
mod exporter;
#[cfg(test)]
mod fixture;
mod holding;
mod hop;
mod interval;
mod judge;
pub mod lint;
mod moment;
mod names;
mod obligation;
mod places;
mod reach;
mod record;
mod ruleset;
mod sentence;
mod simulate;
mod territory;
mod uncertain;
mod verdict;

pub use aggregator::EdgeAggregator;
pub use categories::{Categories, CategoryList};
pub use counterpart::{Counterpart, DeclaredPrefix};
pub use development::{
    AssessmentHit, AssessmentTarget, BasisEffect, BasisHit, BasisTarget, Decision, Development, EndedEngagement, Hits,
};
pub use edge::{ChannelFacts, Edge, EdgeId, ObservedCategories, Volume};
pub use explain::{citation, explain, explain_record, outcome_meaning, rung_label, rung_meaning};
pub use exporter::{Exporter, TopicName, WorkloadName};
pub use holding::{HoldingPath, HoldingRule, Holdings, Seen, SeenAt, SeenPlace, Sighting};
pub use interval::{Interval, Judgment, Rejudgment, judge_over, rejudge};
pub use judge::judge;
pub use landfall_observation::{
    AssessmentEffect, AssessmentOutcome, BcrVariant, BreachAwareness, Certainty, ClaimedInstrument, ClausesAuthor,
    DerogationGround, DpfDataType, EncryptionEnd, EntityKind, HrData, Interpretation, KeyCustody, OpaqueHandling,
    OptionalActivation, Outcome, Period, PeriodUnit, ReceiptReading, Rung, SchremsStart, SeenDirection, StatementTopic,
    TransitionStart, UnknownOutcome,
};
pub use names::Names;
pub use obligation::{Obligation, UnknownObligation};
pub use record::{
    CategoriesRecord, GroundRecord, HopRecord, JudgmentRecord, LocationRecord, MissingRecord, NoteRecord, PlaceRecord,
    ReasonRecord, RecordedSentence, RecordedSetting, RollupRecord, Traffic, VerdictRecord,
};
pub use ruleset::{
    Activation, Agreement, AgreementId, AgreementText, Annex, Approval, Assessment, Bases, Basis, Citation, Controller,
    EndpointEntry, Engagement, Entity, GrantedNotices, Hit, Instrument, Named, OnwardRecipient, Places, Policy,
    Recipient, Ruleset, Scope, Statement, Subject, TlsPromise, Validity,
};
pub use sentence::{Asks, InstrumentEnd, Language, LocalizedSentence, Place, Sentence, Setting};
pub use simulate::{DatedDuty, Duties, DutyDate, DutyId, Effect, Scenario};
pub use territory::{Territory, territory};
pub use uncertain::UncertainMatches;
pub use verdict::{
    Ground, HopVerdict, KnownCategories, LocationFinding, Missing, MissingCode, Note, NoteCode, PlaceVerdict, Reason,
    ReasonCode, Verdict,
};
