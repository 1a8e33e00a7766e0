//! A register: the data-processing agreement as objects, checked and compiled.
//!
//! ```text
//! YAML folder ──load──► Register ──compile──► Ruleset (law) + Resolver (who is it) + AgentConfiguration
//! ```
//!
//! [`load`] reads a folder of the same objects that a cluster holds and says everything that is
//! wrong with them at once, by file, line and field. The checks are those of the API server: the
//! schema generated from the types, unknown fields refused, then its CEL rules. [`compile`] turns
//! objects, wherever they come from, into what judges and what resolves.
//!
//! Legal facts that are the same for everybody come with the program (`data/instruments/`): adequacy
//! decisions and sets of standard clauses, each with its source and the day on which that was read.
//! [`load`] adds them to the user's objects. A TransferBasis of the user's with the name of a shipped
//! one, such as `adequacy-gb`, replaces it; listings and clauses name the act that they rest on by its
//! number. Facts about providers ([`providers`]) are for copying: nothing adds them by itself.
//!
//! This crate knows no socket, no Kubernetes client and no clock of the machine.
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
    LegalDevelopmentSpec, Object, ProcessingAgreementSpec, RecipientSpec, TransferBasisSpec,
    TransferImpactAssessmentSpec, TransferPolicySpec,
};

pub use checker::{Checker, Violation};
pub use compile::{Alerting, Compiled, Muted, Warning, compile, compile_development};
pub use error::{Others, Problem, RegisterError, RegisterErrors};
pub use load::{load, load_text, load_with};
pub use resolver::{Buses, Resolved, Resolver};
pub use shipped::{instruments, providers};

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
}
