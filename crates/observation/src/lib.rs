//! The vocabulary of Landfall and the versioned wire schema `landfall.observation/v1`.
//!
//! An [`Observation`] is what an agent reports about traffic between a local party and a remote in a window of at most
//! 60 s: how many bytes went each way, which kinds of personal data were seen, and what is known about the place of the
//! remote. It is a delta: every byte and every finding is in exactly one observation.
//!
//! ```text
//! agent ── Observation (JSON) ──► register (resolve) ──► transfer-law (judge)
//! ```
//!
//! This crate has no I/O, no Kubernetes client and no law. No type in it contains a matched value or a payload:
//! findings only count. Matched values never leave `landfall-detect`, which passes on positions.
//!
//! Unknown fields are ignored and unknown enum values are read as the least specific one, so that an older operator can
//! read a newer agent's observations. [`Observation::validate`] checks what the types cannot.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod agent_report;
mod bus;
mod category;
mod channel;
mod cloud_region;
mod config;
mod endpoint;
mod finding;
mod identity;
mod inspection;
mod jurisdiction;
mod location;
mod observation;
mod place;
mod recorded;
#[cfg(feature = "schema")]
pub mod schema;
mod vocabulary;
mod window;
mod wire;
mod workload;

pub use agent_report::{AgentReport, PodCapture, PodsByCapture};
pub use bus::{
    BusConfiguration, BusSasl, BusService, BusTls, SamplingBudgets, SaslMechanism, TopicPatterns, TopicSelector,
};
pub use category::{DataCategory, ParseCategoryError};
pub use channel::{Channel, HostMethod, Name, Protocol, Tls, TlsVersion, Transport};
pub use config::{AgentConfiguration, MAX_OUTSIDE, OwnNetwork, truncated};
pub use endpoint::{Broker, Endpoint, TopicRole};
pub use finding::{Finding, FindingCertainty};
pub use identity::Identity;
pub use inspection::{Inspection, PayloadState};
pub use jurisdiction::{Jurisdiction, JurisdictionSet, ParseJurisdictionError};
pub use location::{Cloud, Confidence, LocationEvidence, LocationMethod};
pub use observation::{Coverage, Direction, Handshake, Initiator, InvalidObservation, Observation};
pub use place::{KeyKind, KeyWord, ParsePlaceError, Place};
pub use recorded::Recorded;
pub use vocabulary::{
    AssessmentEffect, AssessmentOutcome, BcrVariant, BreachAwareness, Certainty, ClaimedInstrument, ClausesAuthor,
    DerogationGround, DpfDataType, EncryptionEnd, EntityKind, HrData, Interpretation, KeyCustody, OpaqueHandling,
    OptionalActivation, Outcome, Period, PeriodUnit, ReceiptReading, Rung, SchremsStart, SeenDirection, StatementTopic,
    TransitionStart, UnknownOutcome,
};
pub use window::Window;
pub use wire::{DecodeError, SCHEMA, decode, decode_for_storage, encode};
pub use workload::{BusName, Local, Topic, Workload, WorkloadMethod};
