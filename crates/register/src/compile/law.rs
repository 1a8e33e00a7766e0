use std::collections::BTreeSet;

use landfall_api::{
    DpfDataTypeSpec, EndpointSpec, Entity as EntitySpec, InstrumentSpec, Object, OnwardSpec, OutcomeSpec, PlacesFact,
    SubProcessorSpec, TransferBasisSpec, TransferImpactAssessmentSpec, ValiditySpec,
};
use landfall_transfer_law::{
    Assessment, AssessmentOutcome, Basis, DpfDataType, EndpointEntry, Entity, Instrument, OnwardRecipient, Places,
    Recipient, Validity,
};

pub(super) fn recipient(spec: &SubProcessorSpec) -> Recipient {
    let legal_entity = entity(&spec.legal_entity.value);
    Recipient {
        contracting_entity: spec
            .contracting_entity
            .as_ref()
            .map_or_else(|| legal_entity.clone(), |stated| entity(&stated.value)),
        legal_entity,
        categories: spec.categories.iter().cloned().collect(),
        endpoints: spec.endpoints.iter().map(|endpoint| (endpoint.name.clone(), endpoint_entry(endpoint))).collect(),
        onward: spec.onward.as_ref().map(|onward| onward.iter().map(onward_recipient).collect()),
        as_of: oldest(spec),
    }
}

pub(super) fn basis(object: &Object<TransferBasisSpec>) -> Basis {
    let spec = &object.spec;
    let ValiditySpec { from, until, suspended, repealed, annulled } = spec.validity;
    Basis {
        name: object.metadata.name.clone(),
        instrument: instrument(&spec.instrument),
        dpv: serde_json::to_value(spec.dpv).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default(),
        importers: set(spec.importers.as_deref()),
        exporters: set(spec.exporters.as_deref()),
        countries: set(spec.countries.as_deref()),
        categories: set(spec.categories.as_deref()),
        validity: Validity { from, until, suspended, repealed, annulled },
        as_of: spec.as_of,
        source: spec.source.clone(),
    }
}

pub(super) fn assessment(spec: &TransferImpactAssessmentSpec) -> Assessment {
    Assessment {
        importer: spec.importer.clone(),
        countries: spec.countries.iter().copied().collect(),
        outcome: match spec.outcome {
            OutcomeSpec::Acceptable => AssessmentOutcome::Acceptable,
            OutcomeSpec::AcceptableWithMeasures => AssessmentOutcome::AcceptableWithMeasures,
            OutcomeSpec::NotAcceptable => AssessmentOutcome::NotAcceptable,
            OutcomeSpec::Open => AssessmentOutcome::Open,
        },
        decided: spec.decided,
        next_review: spec.next_review,
    }
}

fn instrument(spec: &InstrumentSpec) -> Instrument {
    let InstrumentSpec { adequacy, dpf_listing, standard_contractual_clauses } = spec;
    if let Some(clauses) = standard_contractual_clauses {
        return Instrument::StandardContractualClauses {
            modules: clauses.modules.iter().copied().collect(),
            annexes_complete: clauses.annexes_complete,
            signed: clauses.signed,
            assessment: clauses.assessment_ref.clone(),
        };
    }
    if let Some(listing) = dpf_listing {
        let data_type = |spec: &DpfDataTypeSpec| match spec {
            DpfDataTypeSpec::Hr => DpfDataType::Hr,
            DpfDataTypeSpec::NonHr => DpfDataType::NonHr,
        };
        return Instrument::DpfListing {
            active: listing.active,
            data_types: listing.data_types.iter().map(data_type).collect(),
            checked_at: listing.checked_at,
        };
    }
    Instrument::Adequacy { decision: adequacy.as_ref().map(|act| act.decision.clone()).unwrap_or_default() }
}

fn endpoint_entry(spec: &EndpointSpec) -> EndpointEntry {
    EndpointEntry {
        processing: places(&spec.processing),
        storage: spec.storage.as_ref().map(places),
        access: spec.access.as_ref().map(places),
    }
}

fn places(fact: &PlacesFact) -> Places {
    match &fact.value {
        Some(value) => Places::Only(value.iter().copied().collect()),
        None => Places::Anywhere,
    }
}

fn onward_recipient(spec: &OnwardSpec) -> OnwardRecipient {
    OnwardRecipient {
        entity: entity(&spec.legal_entity),
        places: spec.places.iter().copied().collect(),
        purpose: spec.purpose.clone(),
    }
}

fn entity(spec: &EntitySpec) -> Entity {
    Entity { name: spec.name.clone(), seat: spec.seat }
}

/// A chain of facts is as old as its oldest.
fn oldest(spec: &SubProcessorSpec) -> jiff::civil::Date {
    let places = spec.endpoints.iter().flat_map(|endpoint| {
        let facts = [Some(&endpoint.processing), endpoint.storage.as_ref(), endpoint.access.as_ref()];
        facts.into_iter().flatten().map(|fact| fact.as_of).chain([endpoint.as_of])
    });
    let onward = spec.onward.iter().flatten().map(|onward| onward.as_of);
    let contracting = spec.contracting_entity.iter().map(|fact| fact.as_of);
    places.chain(onward).chain(contracting).fold(spec.legal_entity.as_of, std::cmp::Ord::min)
}

fn set<T: Ord + Clone>(items: Option<&[T]>) -> Option<BTreeSet<T>> {
    items.map(|items| items.iter().cloned().collect())
}
