use jiff::civil::Date;
use landfall_observation::BcrVariant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{NameText, ShortText};

/// Binding corporate rules (Art. 46(2)(b), 47). The importers are the members of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BindingCorporateRulesSpec {
    /// For whose data.
    pub variant: BcrVariant,
    /// When the competent authority approved them; absent: not known to be approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Date>,
    /// Which authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub authority: Option<String>,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// An approved code of conduct (Art. 46(2)(e)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeOfConductSpec {
    /// When it was approved and given general validity; absent: not known to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Date>,
    /// Whether the importers made binding and enforceable commitments to it.
    pub binding_commitments: bool,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// A certification (Art. 46(2)(f)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificationSpec {
    /// When the importers were certified; absent: not known to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certified: Option<Date>,
    /// Whether the importers made binding and enforceable commitments to it.
    pub binding_commitments: bool,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// A legally binding and enforceable instrument between public bodies (Art. 46(2)(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicInstrumentSpec {
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// An administrative arrangement between public bodies (Art. 46(3)(b)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdministrativeArrangementSpec {
    /// When the supervisory authority authorised it; absent: it has not, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorised: Option<Date>,
    /// Which authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub authority: Option<String>,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// An order of a third country's court or authority (Art. 48). It carries nothing unless it rests on
/// an international agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!self.safeguards || has(self.treaty)",
    "message": "expected safeguards only with a treaty that holds them",
    "fieldPath": ".safeguards",
}]))]
pub struct ForeignOrderSpec {
    /// The international agreement that it rests on, such as a treaty on mutual legal assistance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub treaty: Option<String>,
    /// Whether that agreement holds appropriate safeguards (Art. 46(2)(a)).
    pub safeguards: bool,
}
