//! The kinds of `landfall.dev/v1alpha1` as plain data: what a register folder and a cluster hold.
//!
//! ```text
//! YAML folder, or Kubernetes ──► these types ──► register (compile) ──► transfer-law (judge)
//! ```
//!
//! One kind a file. The types are lenient: unknown fields are ignored, so that an older reader
//! never stalls on a newer object. What is required, bounded and consistent stands once, in the
//! schema generated from the types: bounds as JSON Schema, rules across fields as CEL in
//! `x-kubernetes-validations`. The API server and the folder loader check that same schema; no
//! rule has a twin in code. The doc comments are the texts that `kubectl explain` shows.
//!
//! This crate knows no Kubernetes client, no files and no law.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod fact;
mod interpretation;
mod legal_development;
mod object;
mod period;
mod processing_agreement;
mod schema;
mod selector;
mod sub_processor;
mod transfer_basis;
mod transfer_impact_assessment;
mod transfer_policy;

pub use fact::{Entity, EntityKind, Fact, PlacesFact, Regime};
pub use interpretation::{
    BreachAwareness, HrData, Interpretation, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart,
};
pub use legal_development::{
    AssessmentEffectSpec, AssessmentHitSpec, BasisEffectSpec, BasisHitSpec, DecisionSpec, DevelopmentType,
    EndedSubProcessor, LegalDevelopmentSpec,
};
pub use object::{API_VERSION, Kind, Metadata, Object, schema_of};
pub use period::{Clocks, Period, PeriodUnit};
pub use processing_agreement::{
    Activation, Annex, AnnexedCategory, AnnexedSubject, ClaimedInstrument, Contact, Controller, Engagement, Measures,
    OwnNetworkSpec, ProcessingAgreementSpec, Processor, Scope, Statement, StatementTopic, TlsMeasure,
};
pub use selector::{LabelSelector, Requirement, SelectorOperator};
pub use sub_processor::{EncryptionEnd, EndpointSpec, GrantedNotices, OnwardSpec, SubProcessorSpec};
pub use transfer_basis::{
    AdHocClausesSpec, AdequacySpec, AdministrativeArrangementSpec, ApprovalSpec, BasisIdentifier, BcrVariantSpec,
    BindingCorporateRulesSpec, CertificationSpec, ClauseSetSpec, ClausesAuthor, CodeOfConductSpec,
    DerogationGroundSpec, DerogationSpec, DpfDataTypeSpec, DpfListingSpec, ForeignOrderSpec, InstrumentSpec,
    PublicInstrumentSpec, StandardContractualClausesSpec, TransferBasisSpec, ValiditySpec,
};
pub use transfer_impact_assessment::{KeyCustody, OutcomeSpec, TransferImpactAssessmentSpec};
pub use transfer_policy::{
    AccessPath, EdgeSelector, Enforcement, Exception, NotPersonal, ObjectReference, OpaqueSpec, Severity,
    TransferPolicySpec, WorkloadReference,
};
