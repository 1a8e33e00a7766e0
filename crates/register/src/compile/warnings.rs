//! Warnings about what is allowed but probably not intended.

use std::{collections::BTreeSet, fmt};

use landfall_api::{Kind, Object};
use landfall_transfer_law::lint::REGISTER_NOTE;

use crate::{Register, instrument};

/// Something that is allowed but probably not intended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Kind of the object.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its namespace, if the kind is namespaced.
    pub namespace: Option<String>,
    /// What is probably not intended.
    pub message: String,
    /// Id of the rule of lint that it is a finding of.
    pub rule: &'static str,
}

impl Warning {
    /// A warning for which there is no rule of its own.
    pub(crate) fn new<S: Kind>(object: &Object<S>, message: String) -> Self {
        let namespace = object.namespace().map(str::to_owned);
        Self { kind: S::KIND, name: object.metadata.name.clone(), namespace, message, rule: REGISTER_NOTE.id }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.kind, self.name, self.message)
    }
}

pub(super) fn of(register: &Register) -> Vec<Warning> {
    let mut found = Vec::new();
    tenants(register, &mut found);
    references(register, &mut found);
    developments(register, &mut found);
    entities(register, &mut found);
    found
}

fn tenants(register: &Register, found: &mut Vec<Warning>) {
    for agreement in &register.agreements {
        let known: BTreeSet<_> = agreement.spec.controllers.iter().flat_map(|controller| &controller.tenants).collect();
        for engagement in &agreement.spec.recipients {
            for tenant in engagement.tenants.iter().filter(|tenant| !known.contains(tenant)) {
                let message = format!(
                    "{} is switched on for the tenant {tenant}, which belongs to no controller",
                    engagement.r#ref
                );
                found.push(Warning::new(agreement, message));
            }
        }
    }
}

/// Dangling references. The loader rejects them; in a cluster they can exist for a while.
fn references(register: &Register, found: &mut Vec<Warning>) {
    let recipients: BTreeSet<_> = register.recipients.iter().map(|object| &object.metadata.name).collect();
    let assessments: BTreeSet<_> = register.assessments.iter().map(|object| &object.metadata.name).collect();
    for agreement in &register.agreements {
        for engagement in agreement.spec.recipients.iter().filter(|listed| !recipients.contains(&listed.r#ref)) {
            found.push(Warning::new(agreement, format!("lists {}, which is no Recipient", engagement.r#ref)));
        }
    }
    for object in &register.recipients {
        for onward in object.spec.onward.iter().flatten() {
            if let Some(name) = onward.r#ref.as_ref().filter(|name| !recipients.contains(name)) {
                found.push(Warning::new(object, format!("passes data on to {name}, which is no Recipient")));
            }
        }
    }
    for basis in &register.bases {
        let spec = &basis.spec.instrument;
        if let Some((_, name)) = instrument::assessment(spec)
            && !assessments.iter().any(|known| *known == name)
        {
            found.push(Warning::new(basis, format!("names {name}, which is no TransferImpactAssessment")));
        }
        if let Some((_, what)) = instrument::missing_act(spec, &register.bases)
            && let Some(number) = instrument::decision(spec)
        {
            found.push(Warning::new(basis, format!("rests on {number}, which no TransferBasis has as {what}")));
        }
    }
}

/// A development that hits nothing is plausible if the register has nothing of that kind; otherwise it is probably a
/// typing error.
fn developments(register: &Register, found: &mut Vec<Warning>) {
    let recipients: BTreeSet<_> = register.recipients.iter().map(|object| &object.metadata.name).collect();
    let assessments: BTreeSet<_> = register.assessments.iter().map(|object| &object.metadata.name).collect();
    let laws: BTreeSet<_> = register.assessments.iter().flat_map(|object| &object.spec.laws_assessed).collect();
    let bases: BTreeSet<_> = register.bases.iter().map(|object| object.metadata.name.as_str()).collect();
    let acts: BTreeSet<_> =
        register.bases.iter().filter_map(|object| instrument::decision(&object.spec.instrument)).collect();
    for object in &register.developments {
        let mut warn = |message| found.push(Warning::new(object, message));
        for hit in &object.spec.bases {
            if let Some(number) = hit.decision.as_ref().filter(|number| !acts.contains(number.as_str())) {
                warn(format!("hits {number}, on which no TransferBasis rests"));
            }
            if let Some(name) = hit.name.as_ref().filter(|name| !bases.contains(name.as_str())) {
                warn(format!("hits {name}, which is no TransferBasis"));
            }
        }
        for hit in &object.spec.assessments {
            if let Some(name) = hit.name.as_ref().filter(|name| !assessments.contains(name)) {
                warn(format!("hits {name}, which is no TransferImpactAssessment"));
            }
            if let Some(law) = hit.input.as_ref().filter(|law| !laws.contains(law)) {
                warn(format!("hits {law:?}, on which no TransferImpactAssessment rests"));
            }
        }
        for ended in object.spec.recipients.iter().filter(|ended| !recipients.contains(&ended.r#ref)) {
            warn(format!("ends the use of {}, which is no Recipient", ended.r#ref));
        }
    }
}

/// Bases and assessments are matched with entities by full legal name: a typing error would make a lawful transfer
/// look unlawful.
fn entities(register: &Register, found: &mut Vec<Warning>) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for agreement in &register.agreements {
        known.insert(&agreement.spec.processor.legal_name);
        known.extend(agreement.spec.controllers.iter().map(|controller| controller.name.as_str()));
    }
    for object in &register.recipients {
        known.insert(&object.spec.legal_entity.value.name);
        known.extend(object.spec.contracting_entity.iter().map(|fact| fact.value.name.as_str()));
        known.extend(object.spec.onward.iter().flatten().map(|onward| onward.legal_entity.name.as_str()));
    }
    // An adequacy decision applies whether or not anybody transfers data under it.
    for basis in register.bases.iter().filter(|basis| basis.spec.instrument.adequacy.is_none()) {
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
