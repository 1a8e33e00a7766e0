use jiff::{Timestamp, civil::Date};
use landfall_observation::ClausesAuthor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{NameText, ShortText};

/// The legal act by which standard clauses were adopted. It carries nothing by itself; clauses that
/// parties agree rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.contractsUntil) || (has(self.contractsBefore) && self.contractsBefore < self.contractsUntil)",
    "message": "expected contractsUntil with, and after, contractsBefore",
    "fieldPath": ".contractsUntil",
}]))]
pub struct ClauseSetSpec {
    /// Its number, such as `(EU) 2021/914`. Clauses and legal developments name it by this.
    #[schemars(with = "ShortText")]
    pub decision: String,
    /// Who adopted the clauses.
    pub adopted_by: ClausesAuthor,
    /// The modules that it offers, in the numbers of (EU) 2021/914.
    #[schemars(length(min = 1, max = 4), inner(range(min = 1, max = 4)), extend("x-kubernetes-list-type" = "set"))]
    pub modules: Vec<u8>,
    /// Its repeal for new contracts: only contracts concluded before this instant still rest on it.
    /// `validity.repealed` would end those, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracts_before: Option<Timestamp>,
    /// Until when those contracts do, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracts_until: Option<Timestamp>,
}

/// Standard contractual clauses between the exporters and the importers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!self.returnsControllersDataOnly || 4 in self.modules",
    "message": "expected returnsControllersDataOnly only with module 4",
    "fieldPath": ".returnsControllersDataOnly",
}]))]
pub struct StandardContractualClausesSpec {
    /// Number of the act that they rest on.
    #[serde(default = "clauses_of_2021")]
    #[schemars(with = "ShortText", default = "clauses_of_2021")]
    pub decision: String,
    /// Modules agreed: 1 controller to controller, 2 controller to processor, 3 processor to
    /// processor, 4 processor to controller.
    #[schemars(length(min = 1, max = 4), inner(range(min = 1, max = 4)), extend("x-kubernetes-list-type" = "set"))]
    pub modules: Vec<u8>,
    /// Whether Annexes I to III are filled in.
    pub annexes_complete: bool,
    /// When they were signed; absent: not known to be signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<Date>,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
    /// With module 4: whether the processor returns the controller's own data and nothing else, so
    /// that clauses 14 and 15 do not apply.
    #[serde(default)]
    pub returns_controllers_data_only: bool,
}

/// Clauses of the parties' own (Art. 46(3)(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdHocClausesSpec {
    /// When the supervisory authority authorised them; absent: it has not, as far as is known.
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

fn clauses_of_2021() -> String {
    "(EU) 2021/914".to_owned()
}
