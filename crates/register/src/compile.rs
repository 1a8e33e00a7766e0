//! Compiles objects into the ruleset, the resolver and the configuration of agents.

mod agreement;
mod alerting;
mod basis;
mod bus;
mod development;
mod recipient;
mod text;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use landfall_api::{LegalDevelopmentSpec, Object};
use landfall_observation::{AgentConfiguration, truncated};
use landfall_transfer_law::{AgreementId, Bases, Development, Ruleset};

use crate::{Register, Resolver, version};

pub(crate) use agreement::{applying, id, own_network};
pub use alerting::{Alerting, Muted};
pub(crate) use bus::{bus_name, patterns, selector};
pub use warnings::Warning;

/// What a register compiles to.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// What verdicts rest on.
    pub ruleset: Ruleset,
    /// Finds out who the remote of an observation is.
    pub resolver: Resolver,
    /// The configuration of agents.
    pub agent: AgentConfiguration,
    /// How alerts are raised, by agreement.
    pub alerting: BTreeMap<AgreementId, Alerting>,
    /// What is allowed but probably not intended.
    pub warnings: Vec<Warning>,
}

/// Compiles a register. What an object does not state stays unstated; a dangling reference, which is possible in a
/// cluster for a while, resolves to nothing.
pub fn compile(register: &Register) -> Compiled {
    let mut bases: Vec<_> = register.bases.iter().map(basis::compile).collect();
    bases.sort_by(|a, b| a.name.cmp(&b.name));
    let mut developments: Vec<_> = register.developments.iter().map(development::compile).collect();
    developments.sort_by(|a, b| (a.pronounced, &a.name).cmp(&(b.pronounced, &b.name)));
    let version = version::of(register);
    let before = Ruleset {
        version: version.clone(),
        agreements: register
            .agreements
            .iter()
            .map(|object| (id(object), agreement::compile(object, &register.policies)))
            .collect(),
        recipients: register
            .recipients
            .iter()
            .map(|object| (object.metadata.name.clone(), recipient::compile(&object.spec)))
            .collect(),
        bases: Bases::from(bases),
        assessments: register
            .assessments
            .iter()
            .map(|object| (object.metadata.name.clone(), basis::assessment(&object.spec)))
            .collect(),
        developments: Vec::new(),
    };
    let mut ruleset = developments.iter().fold(before, |ruleset, development| development.apply(&ruleset));
    // The hash already covers the developments.
    ruleset.version = version;
    let (resolver, collisions) = Resolver::new(register);
    let mut warnings = warnings::of(register);
    warnings.extend(bus::warnings(register));
    warnings.extend(collisions);
    warnings.sort();
    let alerting = alerting::compile(&register.agreements, &register.policies);
    Compiled { ruleset, resolver, agent: agent_configuration(register), alerting, warnings }
}

/// A legal development as the law sees it, to be applied to a ruleset.
pub fn compile_development(object: &Object<LegalDevelopmentSpec>) -> Development {
    development::compile(object)
}

/// Only prefixes longer than a truncated address need whole addresses; for all others the truncated address is as
/// informative (data minimisation, Art. 25(1) GDPR). Of a bus agents get neither agreements nor places.
fn agent_configuration(register: &Register) -> AgentConfiguration {
    let endpoints = register.recipients.iter().flat_map(|object| &object.spec.endpoints);
    let own = register.agreements.iter().flat_map(|object| &object.spec.own_networks);
    let policies = register.policies.iter().map(|object| &object.spec);
    let prefixes = endpoints
        .flat_map(|endpoint| &endpoint.cidrs)
        .chain(own.clone().flat_map(|network| &network.cidrs))
        .chain(policies.clone().flat_map(|policy| &policy.not_personal).flat_map(|entry| &entry.cidrs))
        .chain(policies.flat_map(|policy| &policy.access_paths).flat_map(|path| &path.cidrs));
    let keep_prefixes: BTreeSet<_> = prefixes.filter(|prefix| **prefix != truncated(**prefix)).copied().collect();
    let mut own_networks: Vec<_> = own.map(own_network).collect();
    own_networks.sort_by(|a, b| (&a.cidrs, &a.operator, a.jurisdiction).cmp(&(&b.cidrs, &b.operator, b.jurisdiction)));
    own_networks.dedup();
    let mut buses: Vec<_> = register.buses.iter().map(bus::configuration).collect();
    buses.sort_by(|a, b| a.bus.cmp(&b.bus));
    AgentConfiguration { keep_prefixes: keep_prefixes.into_iter().collect(), own_networks, buses }
}

#[cfg(test)]
mod tests;
