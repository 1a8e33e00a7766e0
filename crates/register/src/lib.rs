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
//! This crate knows no socket, no Kubernetes client and no clock of the machine.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod compile;
mod document;
mod error;
mod field_path;
mod folder;
mod load;
mod references;
mod resolver;
mod schema;
mod selector;
mod uniqueness;
mod version;

use landfall_api::{
    Object, ProcessingAgreementSpec, SubProcessorSpec, TransferBasisSpec, TransferImpactAssessmentSpec,
    TransferPolicySpec,
};

pub use compile::{Compiled, Warning, compile};
pub use error::{Problem, RegisterError, RegisterErrors};
pub use load::{load, load_text};
pub use resolver::{Resolved, Resolver};

/// The objects of a register.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    /// The agreements.
    pub agreements: Vec<Object<ProcessingAgreementSpec>>,
    /// The sub-processors.
    pub sub_processors: Vec<Object<SubProcessorSpec>>,
    /// The transfer bases.
    pub bases: Vec<Object<TransferBasisSpec>>,
    /// The transfer impact assessments.
    pub assessments: Vec<Object<TransferImpactAssessmentSpec>>,
    /// The policies.
    pub policies: Vec<Object<TransferPolicySpec>>,
}
