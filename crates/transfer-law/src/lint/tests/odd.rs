//! Absurd rulesets: lint may find something or nothing, but never panics and always ends.

use jiff::Timestamp;
use landfall_observation::JurisdictionSet;
use serde_json::Value;

use super::{
    clean::{basis, clauses, engagement, onward, recipient, ruleset},
    *,
};
use crate::{Instrument, Places, Validity};

#[test]
fn an_empty_register_is_no_clean_one() {
    assert_eq!(ids(&Ruleset::default()), ["AGREEMENT-NONE"]);
}

#[test]
fn any_instant_will_do() {
    for at in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
        let mut law = ruleset();
        let mut odd = clauses("odd", "Own GmbH", "Far Inc.");
        odd.validity = Validity { from: Some(Timestamp::MAX), until: Some(Timestamp::MIN), ..Validity::default() };
        odd.as_of = Date::MIN;
        law.bases = law.bases.iter().cloned().chain([odd]).collect();
        law.assessments.values_mut().for_each(|assessment| assessment.decided = Date::MAX);
        law.recipients.values_mut().for_each(|recipient| recipient.as_of = Date::MAX);
        assert!(lint(&law, at).iter().any(|finding| finding.id == "DATE-FUTURE"), "{at}");
    }
}

#[test]
fn everybody_passing_on_to_everybody_ends_and_is_named() {
    let mut law = ruleset();
    let names: Vec<_> = (0..60).map(|number| format!("r{number:02}")).collect();
    for name in &names {
        let mut one = recipient(name, "US", "US");
        let next = names.iter().map(|next| {
            let mut next_hop = onward(next, "US", "US");
            next_hop.recipient = Some(next.clone());
            next_hop
        });
        one.onward = Some(next.collect());
        law.recipients.insert(name.clone(), one);
        law.agreements
            .values_mut()
            .for_each(|agreement| drop(agreement.engagements.insert(name.clone(), engagement("L1"))));
    }
    assert!(ids(&law).contains(&"CHAIN-CYCLE"));
}

#[test]
fn a_chain_of_any_length_is_followed() {
    let mut law = ruleset();
    for number in 0..20_000 {
        let mut one = recipient(&format!("R{number}"), "DE", "DE");
        let mut next = onward(&format!("R{}", number + 1), "DE", "DE");
        next.recipient = Some(format!("r{}", number + 1));
        one.onward = Some(vec![next]);
        law.recipients.insert(format!("r{number}"), one);
    }
    law.recipients.get_mut("near").unwrap().onward.as_mut().unwrap()[0].recipient = Some("r0".to_owned());
    let found = lint(&law, at());
    let broken: Vec<_> =
        found.iter().filter(|finding| finding.id == "CHAIN-BROKEN").map(|f| f.object.name.as_str()).collect();
    assert_eq!(broken, ["r19999"]);
}

#[test]
fn empty_sets_and_empty_names_are_no_reason_to_fail() {
    let mut law = ruleset();
    for recipient in law.recipients.values_mut() {
        recipient.legal_entity.name.clear();
        recipient.contracting_entity.name.clear();
        recipient.address = Some(String::new());
        recipient.endpoints.values_mut().for_each(|entry| entry.processing = Places::Only(JurisdictionSet::EMPTY));
    }
    for agreement in law.agreements.values_mut() {
        agreement.zone.clear();
        agreement.land = Some(String::new());
        agreement.text.statements.iter_mut().for_each(|claim| {
            claim.places = Some(Places::Only(JurisdictionSet::EMPTY));
            claim.seats = Some(JurisdictionSet::EMPTY);
            claim.line = "".into();
        });
    }
    law.bases = vec![
        basis("", Instrument::Adequacy { decision: String::new(), regime: None, listed_only: false }),
        basis("", Instrument::ForeignOrder { treaty: None, safeguards: false }),
    ]
    .into();
    law.assessments = std::iter::once((String::new(), super::clean::assessment("", "US"))).collect();
    assert!(ids(&law).contains(&"ZONE-UNKNOWN"));
}

/// Rulesets with fields swapped, emptied and duplicated, as far as they can be read.
#[test]
fn no_mixture_of_facts_makes_it_fail() {
    let whole = serde_json::to_value(ruleset()).unwrap();
    let mut paths = Vec::new();
    collect(&whole, String::new(), &mut paths);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut linted = 0;
    for _ in 0..4000 {
        let mut mixed = whole.clone();
        for _ in 0..=random(4) {
            let (one, other) = (&paths[random(paths.len())], &paths[random(paths.len())]);
            let value = match random(3) {
                0 => Value::Null,
                1 => Value::Array(Vec::new()),
                _ => whole.pointer(other).unwrap().clone(),
            };
            if let Some(place) = mixed.pointer_mut(one) {
                *place = value;
            }
        }
        if let Ok(law) = serde_json::from_value::<Ruleset>(mixed) {
            linted += 1;
            let found = lint(&law, at());
            assert!(found.is_sorted());
        }
    }
    assert!(linted > 200, "{linted}");
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            collect(field, format!("{path}/{name}"), paths);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, format!("{path}/{index}"), paths));
        }
        _ => {}
    }
    paths.push(path);
}

/// The size of the benchmarks: a thousand sub-processors.
#[test]
fn a_thousand_sub_processors_are_looked_at_as_one_is() {
    let mut law = ruleset();
    let mut bases: Vec<_> = law.bases.iter().cloned().collect();
    for number in 0..1000 {
        let name = format!("Far {number} Inc.");
        law.recipients.insert(format!("far-{number}"), recipient(&name, "US", "US"));
        bases.push(clauses(&format!("scc-{number}"), "Own GmbH", &name));
        let agreement = law.agreements.values_mut().next().unwrap();
        agreement.engagements.insert(format!("far-{number}"), engagement("L1"));
    }
    law.bases = bases.into();
    assert_eq!(ids(&law), ["TIA-FOREIGN"]);
}
