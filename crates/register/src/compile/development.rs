use jiff::Timestamp;
use landfall_api::{AssessmentHitSpec, BasisEffectSpec, BasisHitSpec, LegalDevelopmentSpec, Object};
use landfall_transfer_law::{
    AssessmentHit, AssessmentTarget, BasisEffect, BasisHit, BasisTarget, Decision, Development, EndedEngagement,
};

pub(super) fn compile(object: &Object<LegalDevelopmentSpec>) -> Development {
    let spec = &object.spec;
    Development {
        name: object.metadata.name.clone(),
        title: spec.title.clone(),
        pronounced: spec.pronounced,
        published: spec.published,
        known: spec.known,
        countries: spec.countries.iter().copied().collect(),
        bases: spec.bases.iter().filter_map(|hit| basis(hit, spec.pronounced)).collect(),
        assessments: spec.assessments.iter().filter_map(assessment).collect(),
        ended: spec
            .recipients
            .iter()
            .map(|ended| EndedEngagement { recipient: ended.r#ref.clone(), from: ended.ended })
            .collect(),
        decision: spec.decision.as_ref().map(|decision| Decision {
            fundamental: decision.fundamentally_in_question,
            reasons: decision.reasons.clone(),
            decided_by: decision.decided_by.clone(),
            decided_at: decision.decided_at,
            not_lawful_since: decision.not_lawful_since,
        }),
    }
}

/// `None` for a hit without a target, which the schema rejects.
fn basis(spec: &BasisHitSpec, pronounced: Timestamp) -> Option<BasisHit> {
    let target = match (&spec.decision, &spec.name) {
        (Some(number), _) => BasisTarget::Decision(number.clone()),
        (None, Some(name)) => BasisTarget::Name(name.clone()),
        (None, None) => return None,
    };
    let from = spec.from.unwrap_or(pronounced);
    let effect = match spec.effect {
        BasisEffectSpec::Annulled => {
            BasisEffect::Annulled { at: pronounced, maintained_until: spec.effects_maintained_until }
        }
        BasisEffectSpec::Repealed => BasisEffect::Repealed(from),
        BasisEffectSpec::Suspended => BasisEffect::Suspended(from),
        BasisEffectSpec::Lapsed | BasisEffectSpec::Delisted => BasisEffect::Lapsed(from),
    };
    Some(BasisHit { target, effect })
}

fn assessment(spec: &AssessmentHitSpec) -> Option<AssessmentHit> {
    let target = match (&spec.name, &spec.input) {
        (Some(name), _) => AssessmentTarget::Name(name.clone()),
        (None, Some(law)) => AssessmentTarget::Input(law.clone()),
        (None, None) => return None,
    };
    Some(AssessmentHit { target, effect: spec.effect })
}
