//! A register: the data-processing agreement as objects, checked and compiled.
//!
//! ```text
//! YAML folder ──load──► Register ──compile──► Ruleset (law) + Resolver (identity of remotes) + AgentConfiguration
//! ```
//!
//! [`load`] reads a folder of the same objects that a cluster contains and reports all errors at once, by file, line
//! and field. The checks are those of the API server: the schema generated from the types, which rejects unknown
//! fields, then its CEL rules. [`compile`] turns objects from either source into ruleset and resolver.
//!
//! Legal facts that are the same for everybody are shipped with the program (`data/instruments/`): adequacy
//! decisions and sets of standard clauses, each with its source and the day on which the source was checked.
//! [`load`] adds them to the user's objects. A TransferBasis of the user with the name of a shipped one, such as
//! `adequacy-gb`, replaces it; listings and clauses name the act on which they rest by its number. Facts about
//! providers ([`providers`]) are to be copied: they are never added automatically.
//!
//! This crate uses no network, no Kubernetes client and no system clock.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod checker;
mod compile;
mod error;
mod findings;
mod folder;
mod instrument;
mod load;
mod references;
mod resolver;
mod schema;
mod selector;
mod shipped;
mod uniqueness;
mod version;

use landfall_api::{
    LegalDevelopmentSpec, MessageBusSpec, Object, ProcessingAgreementSpec, RecipientSpec, TransferBasisSpec,
    TransferImpactAssessmentSpec, TransferPolicySpec,
};

pub use checker::{Checker, Violation};
pub use compile::{Alerting, Compiled, Muted, Warning, compile, compile_development};
pub use error::{Others, Problem, RegisterError, RegisterErrors};
pub use load::{load, load_text, load_with};
pub use resolver::{Resolved, Resolver};
pub use shipped::{SHIPPED_LABEL, instruments, providers, take_latest};

/// The objects of a register.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    /// The agreements.
    pub agreements: Vec<Object<ProcessingAgreementSpec>>,
    /// The recipients.
    pub recipients: Vec<Object<RecipientSpec>>,
    /// The transfer bases.
    pub bases: Vec<Object<TransferBasisSpec>>,
    /// The transfer impact assessments.
    pub assessments: Vec<Object<TransferImpactAssessmentSpec>>,
    /// The legal developments.
    pub developments: Vec<Object<LegalDevelopmentSpec>>,
    /// The policies.
    pub policies: Vec<Object<TransferPolicySpec>>,
    /// The message buses.
    pub buses: Vec<Object<MessageBusSpec>>,
}
