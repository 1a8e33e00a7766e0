use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TlsMeasure;
use crate::schema::{NameText, ShortText, flat_enum};

/// A recipient as the agreement lists it (Annex 3 for sub-processors).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.activation == 'optional' || !has(self.active)",
        "message": "expected active only with activation optional",
        "fieldPath": ".active",
    },
    {
        "rule": "self.activation == 'perTenant' || !has(self.tenants) || size(self.tenants) == 0",
        "message": "expected tenants only with activation perTenant",
        "fieldPath": ".tenants",
    },
    {
        "rule": "!has(self.ended) || !has(self.effectiveFrom) || self.effectiveFrom < self.ended",
        "message": "expected ended after effectiveFrom",
        "fieldPath": ".ended",
    },
]))]
pub struct Engagement {
    /// Name of the Recipient.
    #[schemars(with = "NameText")]
    pub r#ref: String,
    /// Its role under this agreement. An entity can have different roles under different agreements.
    #[serde(default)]
    pub role: RecipientRole,
    /// For whom it is activated.
    #[serde(default)]
    pub activation: Activation,
    /// With activation `optional`: whether the controller gave the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// With activation `perTenant`: the tenants that gave the instruction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub tenants: Vec<String>,
    /// End of the objection period: it must not be used before. Absent: listed since the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
    /// It must not be used from this instant on, because the engagement has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Lowest version of TLS that the text promises for this recipient, in addition to that of `measures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_tls: Option<TlsMeasure>,
    /// Name of the Notice that announced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub notice_ref: Option<String>,
    /// Name of the Notice that carries the controller's instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub instruction_ref: Option<String>,
    /// Line or clause that lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub clause: Option<String>,
}

/// The role of a recipient under an agreement (Art. 4(7) to (9), 26, 28 GDPR).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = flat_enum)]
pub enum RecipientRole {
    /// Another processor that the processor engages (Art. 28(2), (4) GDPR).
    #[default]
    SubProcessor,
    /// A processor of the controller.
    Processor,
    /// Determines purposes and means together with the controller (Art. 26 GDPR).
    JointController,
    /// Determines purposes and means by itself.
    Controller,
}

/// For whom a recipient is activated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = flat_enum)]
pub enum Activation {
    /// For every controller.
    #[default]
    Default,
    /// For everybody or nobody, by instruction.
    Optional,
    /// For the named tenants only.
    PerTenant,
}
