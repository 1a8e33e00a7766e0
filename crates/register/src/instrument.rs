//! What instruments have in common: the act that they rest on, and their assessment.

use landfall_api::{InstrumentSpec, Object, TransferBasisSpec};

/// The number of the act that an instrument is or rests on.
pub(crate) fn decision(spec: &InstrumentSpec) -> Option<&str> {
    let adequacy = spec.adequacy.iter().map(|act| &act.decision);
    let set = spec.clause_set.iter().map(|act| &act.decision);
    let listing = spec.dpf_listing.iter().map(|listing| &listing.decision);
    let clauses = spec.standard_contractual_clauses.iter().map(|clauses| &clauses.decision);
    adequacy.chain(set).chain(listing).chain(clauses).next().map(String::as_str)
}

/// The TransferImpactAssessment that an instrument names, and the field of the instrument.
pub(crate) fn assessment(spec: &InstrumentSpec) -> Option<(&'static str, &str)> {
    let named = [
        ("standardContractualClauses", spec.standard_contractual_clauses.as_ref().map(|it| &it.assessment_ref)),
        ("bindingCorporateRules", spec.binding_corporate_rules.as_ref().map(|it| &it.assessment_ref)),
        ("codeOfConduct", spec.code_of_conduct.as_ref().map(|it| &it.assessment_ref)),
        ("certification", spec.certification.as_ref().map(|it| &it.assessment_ref)),
        ("adHocClauses", spec.ad_hoc_clauses.as_ref().map(|it| &it.assessment_ref)),
        ("administrativeArrangement", spec.administrative_arrangement.as_ref().map(|it| &it.assessment_ref)),
        ("publicInstrument", spec.public_instrument.as_ref().map(|it| &it.assessment_ref)),
    ];
    named.into_iter().find_map(|(field, name)| Some((field, name?.as_deref()?)))
}

/// The act among `bases` on which clauses or a listing rest: the field that names it, what it must be, and whether it
/// exists.
pub(crate) fn missing_act<'a>(
    spec: &InstrumentSpec,
    bases: impl IntoIterator<Item = &'a Object<TransferBasisSpec>>,
) -> Option<(&'static str, &'static str)> {
    let mut acts = bases.into_iter().map(|basis| &basis.spec.instrument);
    if let Some(listing) = &spec.dpf_listing {
        let exists = acts
            .any(|act| act.adequacy.as_ref().is_some_and(|act| act.listed_only && act.decision == listing.decision));
        return (!exists).then_some(("dpfListing", "an adequacy decision that carries through listings"));
    }
    let clauses = spec.standard_contractual_clauses.as_ref()?;
    let exists = acts.any(|act| act.clause_set.as_ref().is_some_and(|act| act.decision == clauses.decision));
    (!exists).then_some(("standardContractualClauses", "a set of clauses"))
}
