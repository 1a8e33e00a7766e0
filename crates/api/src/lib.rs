//! The kinds of `landfall.dev/v1alpha1` as plain data, for register folders and clusters.
//!
//! ```text
//! YAML folder, or Kubernetes ──► these types ──► register (compile) ──► transfer-law (judge)
//! ```
//!
//! One kind per file. The types are lenient: unknown fields are ignored, so that an older reader can read a newer
//! object. All requirements are in the schema generated from the types and nowhere else: bounds as JSON Schema, rules
//! across fields as CEL in `x-kubernetes-validations`. The API server and the folder loader check the same schema. The
//! doc comments are the texts that `kubectl explain` shows.
//!
//! The manifests of the custom resource definitions ([`MANIFESTS`]) are made from the same schemas; with the feature
//! `crd` the kinds are also resources of the Kubernetes client ([`Stored`]).
//!
//! This crate uses no Kubernetes client and no files, and contains no law.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod definition;
mod fact;
mod incident;
mod legal_development;
mod manifests;
mod message_bus;
mod object;
mod processing_agreement;
mod recipient;
mod schema;
mod selector;
mod status;
#[cfg(feature = "crd")]
mod stored;
mod transfer;
mod transfer_basis;
mod transfer_impact_assessment;
mod transfer_policy;

#[cfg(feature = "crd")]
pub use definition::definitions;
pub use definition::manifests;
pub use fact::{Entity, Fact, PlacesFact, Regime};
pub use incident::{
    Closing, Discovery, IncidentClock, IncidentSpec, IncidentStatus, Nature, Report, ReportStage, Triage, TriageResult,
};
pub use landfall_observation::{
    AssessmentEffect, Interpretation, OpaqueHandling, Period, PeriodUnit, SamplingBudgets, SaslMechanism,
};
pub use legal_development::{
    AssessmentHitSpec, BasisEffectSpec, BasisHitSpec, DecisionSpec, DevelopmentType, EndedRecipient,
    LegalDevelopmentSpec,
};
pub use manifests::MANIFESTS;
pub use message_bus::{BrokerPlace, BusService, BusTls, MessageBusSpec, SaslSpec, TopicEntry, TopicPatterns};
pub use object::{API_VERSION, Column, GROUP, Kind, Metadata, Object, VERSION, schema_of};
pub use processing_agreement::{
    Activation, AgreedObligation, Annex, AnnexedCategory, AnnexedSubject, Contact, Controller, DeclarationForm,
    Engagement, Measures, OwnNetworkSpec, ProcessingAgreementSpec, Processor, RecipientRole, Scope, Statement,
    TlsMeasure,
};
pub use recipient::{EndpointSpec, GrantedNotices, OnwardSpec, RecipientSpec};
pub use selector::{LabelSelector, Requirement, SelectorOperator};
pub use status::{Condition, ConditionStatus, FindingCounts, RegisterStatus, condition};
#[cfg(feature = "crd")]
pub use stored::Stored;
pub use transfer::{
    CategorySighting, CodedMessage, ExporterReference, Ground, MissingPiece, NamespacedReference, TransferCategories,
    TransferCoverage, TransferLocation, TransferPayload, TransferReason, TransferSpec, TransferStatus, TransferVolume,
};
pub use transfer_basis::{
    AdHocClausesSpec, AdequacySpec, AdministrativeArrangementSpec, ApprovalSpec, BasisIdentifier,
    BindingCorporateRulesSpec, CertificationSpec, ClauseSetSpec, CodeOfConductSpec, DerogationSpec, DpfListingSpec,
    ForeignOrderSpec, InstrumentSpec, PublicInstrumentSpec, StandardContractualClausesSpec, TransferBasisSpec,
    ValiditySpec,
};
pub use transfer_impact_assessment::TransferImpactAssessmentSpec;
pub use transfer_policy::{
    AccessPath, EdgeSelector, Enforcement, Exception, HoldingPath, HoldingRecipient, HoldingSpec, NotPersonal,
    ObjectReference, Severity, TopicReference, TransferPolicySpec, WorkloadReference,
};
