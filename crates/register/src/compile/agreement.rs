use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroU16,
};

use landfall_api::{
    self as api, Activation as ActivationSpec, AgreedObligation, Engagement as EngagementSpec, HoldingRecipient,
    HoldingSpec, Object, OwnNetworkSpec, ProcessingAgreementSpec, TlsMeasure, TransferPolicySpec,
};
use landfall_observation::{JurisdictionSet, OwnNetwork};
use landfall_transfer_law::{
    Activation, Agreement, AgreementId, Citation, Controller, Engagement, Entity, EntityKind, HoldingPath, HoldingRule,
    Obligation, OpaqueHandling, Policy, TlsPromise,
    clock::{self, Calendar, Rule},
};

use super::text;
use crate::selector::selects;

pub(crate) fn id(object: &Object<ProcessingAgreementSpec>) -> AgreementId {
    AgreementId { namespace: object.namespace().unwrap_or_default().to_owned(), name: object.metadata.name.clone() }
}

pub(crate) fn compile(object: &Object<ProcessingAgreementSpec>, policies: &[Object<TransferPolicySpec>]) -> Agreement {
    let spec = &object.spec;
    let mut clauses = HashMap::default();
    let mut unknown_obligations = BTreeMap::new();
    let mut periods = BTreeMap::new();
    for agreed in &spec.obligations {
        let citation = Citation::from(agreed.lines.join(", "));
        let Ok(obligation) = agreed.id.parse() else {
            unknown_obligations.insert(agreed.id.clone(), citation);
            continue;
        };
        clauses.insert(obligation, citation);
        periods.extend(period(obligation, agreed).map(|rule| (obligation, rule)));
    }
    Agreement {
        processor: party(&spec.processor.legal_name, spec.processor.seat, spec.processor.kind),
        land: spec.processor.land.clone(),
        zone: spec.processor.zone.clone(),
        controllers: spec
            .controllers
            .iter()
            .map(|controller| Controller {
                entity: party(&controller.name, controller.seat, controller.kind),
                tenants: controller.tenants.iter().cloned().collect(),
            })
            .collect(),
        scope: spec.scope.categories.iter().map(|annexed| annexed.category.clone()).collect(),
        data_subjects: spec.scope.data_subjects.iter().filter_map(|annexed| annexed.concept.clone()).collect(),
        engagements: spec.recipients.iter().map(|each| (each.r#ref.clone(), engagement(each))).collect(),
        minimum_tls: spec.measures.minimum_tls.as_ref().map(promise),
        own_networks: spec.own_networks.iter().map(own_network).collect(),
        clauses,
        unknown_obligations,
        periods,
        interpretation: spec.interpretation,
        text: text::compile(spec),
        policy: applying(object, policies).fold(Policy::default(), stricter),
    }
}

/// The policies that apply to an agreement, by name: those in its namespace that name it, that select it, or that
/// neither name nor select any agreement.
pub(crate) fn applying<'a>(
    agreement: &Object<ProcessingAgreementSpec>,
    policies: &'a [Object<TransferPolicySpec>],
) -> impl Iterator<Item = &'a Object<TransferPolicySpec>> {
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
    applying.into_iter()
}

pub(crate) fn own_network(spec: &OwnNetworkSpec) -> OwnNetwork {
    let OwnNetworkSpec { cidrs, operator, jurisdiction } = spec.clone();
    OwnNetwork { cidrs, operator, jurisdiction }
}

fn party(name: &str, seat: landfall_observation::Jurisdiction, kind: EntityKind) -> Entity {
    Entity { name: name.to_owned(), seat, kind, regimes: BTreeMap::new() }
}

fn promise(spec: &TlsMeasure) -> TlsPromise {
    TlsPromise { version: spec.version, clause: spec.clause.as_str().into() }
}

fn engagement(spec: &EngagementSpec) -> Engagement {
    Engagement {
        activation: match spec.activation {
            ActivationSpec::Default => Activation::Default,
            // Without a recorded instruction of the controller it is not activated.
            ActivationSpec::Optional => Activation::Optional { active: spec.active.unwrap_or(false) },
            ActivationSpec::PerTenant => Activation::PerTenant { tenants: spec.tenants.iter().cloned().collect() },
        },
        effective_from: spec.effective_from,
        ended: spec.ended,
        minimum_tls: spec.minimum_tls.as_ref().map(promise),
        clause: spec.clause.as_deref().map(Into::into),
    }
}

/// The agreement's own period. Which law counts it and whether its end moves to a working day follows from the
/// duty, not from the agreement; for an obligation without a default period, §§ 186 to 193 BGB apply, as to contracts.
fn period(obligation: Obligation, agreed: &AgreedObligation) -> Option<Rule> {
    let period = agreed.period?;
    let (calendar, roll) =
        clock::duty(obligation).map_or((Calendar::Bgb, true), |duty| (duty.rule.calendar, duty.rule.roll));
    Some(Rule {
        amount: NonZeroU16::new(period.amount)?,
        unit: period.unit,
        calendar,
        saturday_is_werktag: agreed.saturday_is_werktag.unwrap_or(true),
        roll,
    })
}

/// Merges two policies: of each setting, the stricter value applies.
fn stricter(policy: Policy, object: &Object<TransferPolicySpec>) -> Policy {
    let spec = &object.spec;
    let mut holding = policy.holding;
    holding.extend(spec.holding.as_ref().map(|spec| holding_rule(&object.metadata.name, spec)));
    Policy {
        holding,
        minimum_tls: policy.minimum_tls.max(spec.minimum_tls),
        opaque: match spec.opaque {
            OpaqueHandling::Ladder => policy.opaque,
            OpaqueHandling::Unknown => OpaqueHandling::Unknown,
        },
        allowed_jurisdictions: both(
            policy.allowed_jurisdictions,
            spec.allowed_jurisdictions.as_deref(),
            JurisdictionSet::intersection,
        ),
        allowed_categories: both(policy.allowed_categories, spec.allowed_categories.as_deref(), |one, other| {
            &one & &other
        }),
        incident_on_unknown: policy.incident_on_unknown || spec.incident_on_unknown,
    }
}

fn holding_rule(policy: &str, spec: &HoldingSpec) -> HoldingRule {
    let HoldingSpec { max_age_days, direction, seen_at, counts_for } = spec;
    let path = |path: &api::HoldingPath| {
        let api::HoldingPath { recipient, endpoint, ports } = path.clone();
        HoldingPath { recipient, endpoint, ports }
    };
    let recipient = |HoldingRecipient { recipient, endpoint }: &HoldingRecipient| HoldingPath {
        recipient: Some(recipient.clone()),
        endpoint: endpoint.clone(),
        ports: Vec::new(),
    };
    HoldingRule {
        policy: policy.to_owned(),
        max_age_days: *max_age_days,
        direction: *direction,
        seen_at: seen_at.iter().map(path).collect(),
        counts_for: counts_for.iter().map(recipient).collect(),
    }
}

fn both<T: Clone, S: FromIterator<T>>(
    one: Option<S>,
    other: Option<&[T]>,
    intersection: impl FnOnce(S, S) -> S,
) -> Option<S> {
    let other = other.map(|other| other.iter().cloned().collect());
    match (one, other) {
        (Some(one), Some(other)) => Some(intersection(one, other)),
        (one, other) => one.or(other),
    }
}
