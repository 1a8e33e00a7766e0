use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    AdHocClausesSpec, AdequacySpec, AdministrativeArrangementSpec, BindingCorporateRulesSpec, CertificationSpec,
    ClauseSetSpec, CodeOfConductSpec, DerogationSpec, DpfListingSpec, ForeignOrderSpec, PublicInstrumentSpec,
    StandardContractualClausesSpec,
};

/// Which identifiers fit which instrument, with further conditions.
const IDENTIFIERS: [(&str, &str, &[&str]); 20] = [
    ("adequacy", "", &["A45-3"]),
    ("dpfListing", "", &["A45-3"]),
    ("clauseSet", "adoptedBy == 'Commission'", &["A46-2-c"]),
    ("clauseSet", "adoptedBy == 'SupervisoryAuthority'", &["A46-2-d"]),
    ("standardContractualClauses", "", &["A46-2-c", "A46-2-d"]),
    ("bindingCorporateRules", "", &["A46-2-b"]),
    ("codeOfConduct", "", &["A46-2-e"]),
    ("certification", "", &["A46-2-f"]),
    ("adHocClauses", "", &["A46-3-a"]),
    ("administrativeArrangement", "", &["A46-3-b"]),
    ("publicInstrument", "", &["A46-2-a"]),
    ("foreignOrder", "", &[]),
    ("derogation", "ground == 'ExplicitConsent'", &["A49-1-a"]),
    ("derogation", "ground == 'Contract'", &["A49-1-b"]),
    ("derogation", "ground == 'ContractInInterest'", &["A49-1-c"]),
    ("derogation", "ground == 'PublicInterest'", &["A49-1-d"]),
    ("derogation", "ground == 'LegalClaims'", &["A49-1-e"]),
    ("derogation", "ground == 'VitalInterests'", &["A49-1-f"]),
    ("derogation", "ground == 'PublicRegister'", &["A49-1-g"]),
    ("derogation", "ground == 'CompellingInterests'", &["A49-2"]),
];

/// Which parties and countries an instrument must name.
const SCOPES: [(&str, &str, &str); 12] = [
    (
        "adequacy",
        "has(self.countries) || has(self.importers)",
        "countries, or importers that are international organisations,",
    ),
    (
        "dpfListing",
        "has(self.importers) && has(self.countries) && self.countries == ['US']",
        "importers, and countries [US],",
    ),
    (
        "clauseSet",
        "!has(self.exporters) && !has(self.importers) && !has(self.countries)",
        "neither exporters, importers nor countries, because it carries nothing by itself,",
    ),
    ("standardContractualClauses", PARTIES, "exporters and importers, the parties,"),
    ("bindingCorporateRules", "has(self.importers)", "importers, the members of the group,"),
    ("codeOfConduct", "has(self.importers)", "importers, whom it binds,"),
    ("certification", "has(self.importers)", "importers, who are certified,"),
    ("adHocClauses", PARTIES, "exporters and importers, the parties,"),
    ("administrativeArrangement", PARTIES, "exporters and importers, the public bodies,"),
    ("publicInstrument", PARTIES, "exporters and importers, the public bodies,"),
    ("foreignOrder", "has(self.countries)", "countries, whose order it is,"),
    ("derogation", "has(self.importers) || has(self.countries)", "importers or countries"),
];

const PARTIES: &str = "has(self.importers) && has(self.exporters)";

/// The kind of instrument: exactly one is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = exactly_one()))]
pub struct InstrumentSpec {
    /// An adequacy decision for a country or an international organisation (Art. 45(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adequacy: Option<AdequacySpec>,
    /// A listing under the EU-U.S. Data Privacy Framework (Art. 45(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpf_listing: Option<DpfListingSpec>,
    /// The legal act by which standard clauses were adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause_set: Option<ClauseSetSpec>,
    /// Standard contractual clauses between parties (Art. 46(2)(c), (d)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_contractual_clauses: Option<StandardContractualClausesSpec>,
    /// Binding corporate rules (Art. 46(2)(b)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding_corporate_rules: Option<BindingCorporateRulesSpec>,
    /// An approved code of conduct (Art. 46(2)(e)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_of_conduct: Option<CodeOfConductSpec>,
    /// A certification (Art. 46(2)(f)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification: Option<CertificationSpec>,
    /// Clauses of the parties' own (Art. 46(3)(a)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_hoc_clauses: Option<AdHocClausesSpec>,
    /// An administrative arrangement between public bodies (Art. 46(3)(b)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrative_arrangement: Option<AdministrativeArrangementSpec>,
    /// A binding instrument between public bodies (Art. 46(2)(a)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_instrument: Option<PublicInstrumentSpec>,
    /// An order of a third country's court or authority (Art. 48).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign_order: Option<ForeignOrderSpec>,
    /// A derogation for specific situations (Art. 49).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derogation: Option<DerogationSpec>,
}

fn exactly_one() -> Value {
    let names = SCOPES.map(|(name, ..)| name);
    let count = names.map(|name| format!("(has(self.{name}) ? 1 : 0)")).join(" + ");
    json!([{ "rule": format!("{count} == 1"), "message": format!("expected exactly one of {}", names.join(", ")) }])
}

/// The rules of a basis as a whole: its identifier and its scope fit its instrument.
pub(super) fn rules() -> Value {
    let scopes = SCOPES.map(|(name, rule, expected)| {
        json!({
            "rule": format!("!has(self.instrument.{name}) || ({rule})"),
            "message": format!("expected {expected} for {name}"),
        })
    });
    let identifiers = IDENTIFIERS.iter().map(|(name, condition, fitting)| {
        let names: Vec<_> = fitting.iter().map(|name| format!("eu-gdpr:{name}")).collect();
        let (holds, expected) = if names.is_empty() {
            ("!has(self.dpv)".to_owned(), "no identifier".to_owned())
        } else {
            (format!("has(self.dpv) && self.dpv in ['{}']", names.join("', '")), names.join(" or "))
        };
        let other =
            if condition.is_empty() { String::new() } else { format!("!(self.instrument.{name}.{condition}) || ") };
        let which = condition.rsplit("== ").next().unwrap_or_default().replace('\'', "");
        let which = if which.is_empty() { which } else { format!(" {which}") };
        json!({
            "rule": format!("!has(self.instrument.{name}) || {other}({holds})"),
            "message": format!("expected {expected} for {name}{which}"),
            "fieldPath": ".dpv",
        })
    });
    scopes.into_iter().chain(identifiers).collect()
}
