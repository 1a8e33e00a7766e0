//! What is allowed and probably not meant.

use std::{collections::BTreeSet, fmt};

use landfall_api::{Kind, Object};

use crate::Register;

/// Something that is allowed and probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The object, such as `SubProcessor openai`.
    pub object: String,
    /// What is odd about it.
    pub message: String,
}

impl Warning {
    pub(crate) fn new<S: Kind>(object: &Object<S>, message: String) -> Self {
        Self { object: format!("{} {}", S::KIND, object.metadata.name), message }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.message)
    }
}

pub(super) fn of(register: &Register) -> Vec<Warning> {
    let mut found = Vec::new();
    tenants(register, &mut found);
    references(register, &mut found);
    entities(register, &mut found);
    found
}

fn tenants(register: &Register, found: &mut Vec<Warning>) {
    for agreement in &register.agreements {
        let known: BTreeSet<_> = agreement.spec.controllers.iter().flat_map(|controller| &controller.tenants).collect();
        for engagement in &agreement.spec.sub_processors {
            for tenant in engagement.tenants.iter().filter(|tenant| !known.contains(tenant)) {
                let message =
                    format!("{} is switched on for the tenant {tenant}, whom no controller has", engagement.r#ref);
                found.push(Warning::new(agreement, message));
            }
        }
    }
}

/// The loader refuses these; a cluster can hold them for a while.
fn references(register: &Register, found: &mut Vec<Warning>) {
    let recipients: BTreeSet<_> = register.sub_processors.iter().map(|object| &object.metadata.name).collect();
    let assessments: BTreeSet<_> = register.assessments.iter().map(|object| &object.metadata.name).collect();
    for agreement in &register.agreements {
        for engagement in agreement.spec.sub_processors.iter().filter(|listed| !recipients.contains(&listed.r#ref)) {
            found.push(Warning::new(agreement, format!("lists {}, which is no SubProcessor", engagement.r#ref)));
        }
    }
    for basis in &register.bases {
        let clauses = basis.spec.instrument.standard_contractual_clauses.as_ref();
        if let Some(name) = clauses.and_then(|clauses| clauses.assessment_ref.as_ref())
            && !assessments.contains(name)
        {
            found.push(Warning::new(basis, format!("names {name}, which is no TransferImpactAssessment")));
        }
    }
}

/// Bases and assessments meet their entities by full legal name: a slip of the pen would make a
/// lawful transfer look unlawful.
fn entities(register: &Register, found: &mut Vec<Warning>) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for agreement in &register.agreements {
        known.insert(&agreement.spec.processor.legal_name);
        known.extend(agreement.spec.controllers.iter().map(|controller| controller.name.as_str()));
    }
    for object in &register.sub_processors {
        known.insert(&object.spec.legal_entity.value.name);
        known.extend(object.spec.contracting_entity.iter().map(|fact| fact.value.name.as_str()));
        known.extend(object.spec.onward.iter().flatten().map(|onward| onward.legal_entity.name.as_str()));
    }
    for basis in &register.bases {
        let named = basis.spec.exporters.iter().flatten().chain(basis.spec.importers.iter().flatten());
        for name in named.filter(|name| !known.contains(name.as_str())) {
            found.push(Warning::new(basis, format!("is for {name:?}, an entity that no other object names")));
        }
    }
    for object in register.assessments.iter().filter(|object| !known.contains(object.spec.importer.as_str())) {
        let message = format!("is about {:?}, an entity that no other object names", object.spec.importer);
        found.push(Warning::new(object, message));
    }
}
