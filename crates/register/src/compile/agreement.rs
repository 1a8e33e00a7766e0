use std::collections::BTreeSet;

use landfall_api::{
    Activation as ActivationSpec, Engagement as EngagementSpec, Object, OpaqueSpec, OwnNetworkSpec,
    ProcessingAgreementSpec, TransferPolicySpec,
};
use landfall_observation::OwnNetwork;
use landfall_transfer_law::{Activation, Agreement, AgreementId, Engagement, Entity, OpaqueHandling, Policy};

use crate::selector::selects;

pub(crate) fn id(object: &Object<ProcessingAgreementSpec>) -> AgreementId {
    AgreementId { namespace: object.namespace().unwrap_or_default().to_owned(), name: object.metadata.name.clone() }
}

pub(crate) fn compile(object: &Object<ProcessingAgreementSpec>, policies: &[Object<TransferPolicySpec>]) -> Agreement {
    let spec = &object.spec;
    Agreement {
        processor: Entity { name: spec.processor.legal_name.clone(), seat: spec.processor.seat },
        controllers: spec
            .controllers
            .iter()
            .map(|controller| Entity { name: controller.name.clone(), seat: controller.seat })
            .collect(),
        scope: spec.scope.categories.iter().map(|annexed| annexed.category.clone()).collect(),
        engagements: spec.sub_processors.iter().map(engagement).collect(),
        minimum_tls: spec.measures.minimum_tls.as_ref().map(|measure| measure.version),
        own_networks: spec.own_networks.iter().map(own_network).collect(),
        clauses: spec.clauses.clone(),
        policy: applying(object, policies).fold(Policy::default(), stricter),
    }
}

/// The policies that apply to an agreement, by name: those of its namespace that name it, select
/// it, or do neither.
pub(crate) fn applying<'a>(
    agreement: &Object<ProcessingAgreementSpec>,
    policies: &'a [Object<TransferPolicySpec>],
) -> impl Iterator<Item = &'a TransferPolicySpec> {
    let mut applying: Vec<_> = policies
        .iter()
        .filter(|policy| policy.namespace() == agreement.namespace())
        .filter(|policy| {
            let spec = &policy.spec;
            spec.agreement_ref.as_ref().is_none_or(|named| named.name == agreement.metadata.name)
                && spec.agreement_selector.as_ref().is_none_or(|asked| selects(asked, &agreement.metadata.labels))
        })
        .collect();
    applying.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    applying.into_iter().map(|policy| &policy.spec)
}

pub(crate) fn own_network(spec: &OwnNetworkSpec) -> OwnNetwork {
    let OwnNetworkSpec { cidrs, operator, jurisdiction } = spec.clone();
    OwnNetwork { cidrs, operator, jurisdiction }
}

fn engagement(spec: &EngagementSpec) -> Engagement {
    Engagement {
        recipient: spec.r#ref.clone(),
        activation: match spec.activation {
            ActivationSpec::Default => Activation::Default,
            // Without a recorded instruction it is not switched on (AVV L171).
            ActivationSpec::Optional => Activation::Optional { active: spec.active.unwrap_or(false) },
            ActivationSpec::PerTenant => Activation::PerTenant { tenants: spec.tenants.iter().cloned().collect() },
        },
        effective_from: spec.effective_from,
        clause: spec.clause.clone(),
    }
}

/// Of two policies the stricter setting counts, each by itself.
fn stricter(policy: Policy, spec: &TransferPolicySpec) -> Policy {
    Policy {
        minimum_tls: policy.minimum_tls.max(spec.minimum_tls),
        opaque: match spec.opaque {
            OpaqueSpec::Ladder => policy.opaque,
            OpaqueSpec::Unknown => OpaqueHandling::Unknown,
        },
        allowed_jurisdictions: both(policy.allowed_jurisdictions, spec.allowed_jurisdictions.as_deref()),
        allowed_categories: both(policy.allowed_categories, spec.allowed_categories.as_deref()),
        incident_on_unknown: policy.incident_on_unknown || spec.incident_on_unknown,
    }
}

fn both<T: Ord + Clone>(one: Option<BTreeSet<T>>, other: Option<&[T]>) -> Option<BTreeSet<T>> {
    let other: Option<BTreeSet<T>> = other.map(|other| other.iter().cloned().collect());
    match (one, other) {
        (Some(one), Some(other)) => Some(one.intersection(&other).cloned().collect()),
        (one, other) => one.or(other),
    }
}
