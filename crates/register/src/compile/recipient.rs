use landfall_api::{EndpointSpec, Entity as EntitySpec, OnwardSpec, PlacesFact, RecipientSpec};
use landfall_observation::Jurisdiction;
use landfall_transfer_law::{EndpointEntry, Entity, GrantedNotices, OnwardRecipient, Places, Recipient};

pub(super) fn compile(spec: &RecipientSpec) -> Recipient {
    let legal_entity = entity(&spec.legal_entity.value);
    Recipient {
        contracting_entity: spec
            .contracting_entity
            .as_ref()
            .map_or_else(|| legal_entity.clone(), |stated| entity(&stated.value)),
        legal_entity,
        address: spec.address.as_ref().map(|fact| fact.value.clone()),
        categories: spec.categories.iter().cloned().collect(),
        data_subjects: spec.data_subjects.as_ref().map(|subjects| subjects.iter().cloned().collect()),
        endpoints: spec.endpoints.iter().map(|endpoint| (endpoint.name.clone(), endpoint_entry(endpoint))).collect(),
        onward: spec.onward.as_ref().map(|onward| onward.iter().map(onward_recipient).collect()),
        notices: GrantedNotices {
            sub_processor_change: spec.notices.sub_processor_change.as_ref().map(|fact| fact.value),
            breach: spec.notices.breach.as_ref().map(|fact| fact.value),
        },
        end_to_end: spec.end_to_end_encryption_ends_at.as_ref().map(|fact| fact.value),
        as_of: oldest(spec),
    }
}

/// The stated places, or that the provider names none.
pub(super) fn places(value: Option<&[Jurisdiction]>) -> Places {
    value.map_or(Places::Anywhere, |value| Places::Only(value.iter().copied().collect()))
}

fn endpoint_entry(spec: &EndpointSpec) -> EndpointEntry {
    let places = |fact: &PlacesFact| places(fact.value.as_deref());
    EndpointEntry {
        processing: places(&spec.processing),
        storage: spec.storage.as_ref().map(places),
        access: spec.access.as_ref().map(places),
    }
}

fn onward_recipient(spec: &OnwardSpec) -> OnwardRecipient {
    OnwardRecipient {
        entity: entity(&spec.legal_entity),
        places: places(spec.places.as_deref()),
        purpose: spec.purpose.clone(),
        recipient: spec.r#ref.clone(),
    }
}

fn entity(spec: &EntitySpec) -> Entity {
    Entity {
        name: spec.name.clone(),
        seat: spec.seat,
        kind: spec.kind,
        regimes: spec.regimes.iter().map(|regime| (regime.law.clone(), regime.applies)).collect(),
    }
}

/// The date of the oldest of the facts, counting only those on which a verdict can rest.
fn oldest(spec: &RecipientSpec) -> jiff::civil::Date {
    let places = spec.endpoints.iter().flat_map(|endpoint| {
        let facts = [Some(&endpoint.processing), endpoint.storage.as_ref(), endpoint.access.as_ref()];
        facts.into_iter().flatten().map(|fact| fact.as_of).chain([endpoint.as_of])
    });
    let onward = spec.onward.iter().flatten().map(|onward| onward.as_of);
    let contracting = spec.contracting_entity.iter().map(|fact| fact.as_of);
    places.chain(onward).chain(contracting).fold(spec.legal_entity.as_of, std::cmp::Ord::min)
}
