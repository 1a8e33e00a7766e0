use landfall_api::{
    ClauseSetSpec, DerogationSpec, DpfListingSpec, InstrumentSpec, Object, StandardContractualClausesSpec,
    TransferBasisSpec, TransferImpactAssessmentSpec, ValiditySpec,
};
use landfall_transfer_law::{Approval, Assessment, Basis, Instrument, Validity};

pub(super) fn compile(object: &Object<TransferBasisSpec>) -> Basis {
    let spec = &object.spec;
    let ValiditySpec { from, until, suspended, repealed, annulled } = spec.validity;
    Basis {
        name: object.metadata.name.clone(),
        instrument: instrument(&spec.instrument),
        dpv: spec.dpv.map(|identifier| identifier.as_str().to_owned()),
        importers: set(spec.importers.as_deref()),
        exporters: set(spec.exporters.as_deref()),
        countries: set(spec.countries.as_deref()),
        categories: set(spec.categories.as_deref()),
        except_categories: spec.except_categories.iter().cloned().collect(),
        validity: Validity { from, until, suspended, repealed, annulled, ended_by: None },
        as_of: spec.as_of,
        source: spec.source.clone(),
    }
}

pub(super) fn assessment(spec: &TransferImpactAssessmentSpec) -> Assessment {
    Assessment {
        importer: spec.importer.clone(),
        countries: spec.countries.iter().copied().collect(),
        laws: spec.laws_assessed.iter().cloned().collect(),
        key_custody: spec.key_custody,
        plaintext_needed: spec.plaintext_needed,
        outcome: spec.outcome,
        decided: spec.decided,
        next_review: spec.next_review,
        hit: None,
    }
}

/// The schema requires exactly one to be set. An object without any, possible only in a corrupt store, is read as an
/// adequacy decision without number and country, which carries nothing.
fn instrument(spec: &InstrumentSpec) -> Instrument {
    let InstrumentSpec {
        adequacy,
        dpf_listing,
        clause_set,
        standard_contractual_clauses,
        binding_corporate_rules,
        code_of_conduct,
        certification,
        ad_hoc_clauses,
        administrative_arrangement,
        public_instrument,
        foreign_order,
        derogation,
    } = spec;
    if let Some(listing) = dpf_listing {
        return dpf(listing);
    }
    if let Some(act) = clause_set {
        return set_of_clauses(act);
    }
    if let Some(clauses) = standard_contractual_clauses {
        return agreed_clauses(clauses);
    }
    if let Some(rules) = binding_corporate_rules {
        return Instrument::BindingCorporateRules {
            variant: rules.variant,
            approved: rules.approved,
            assessment: rules.assessment_ref.clone(),
        };
    }
    if let Some(code) = code_of_conduct {
        return Instrument::CodeOfConduct {
            approved: code.approved,
            binding_commitments: code.binding_commitments,
            assessment: code.assessment_ref.clone(),
        };
    }
    if let Some(certificate) = certification {
        return Instrument::Certification {
            certified: certificate.certified,
            binding_commitments: certificate.binding_commitments,
            assessment: certificate.assessment_ref.clone(),
        };
    }
    if let Some(clauses) = ad_hoc_clauses {
        return Instrument::AdHocClauses { authorised: clauses.authorised, assessment: clauses.assessment_ref.clone() };
    }
    if let Some(arrangement) = administrative_arrangement {
        return Instrument::AdministrativeArrangement {
            authorised: arrangement.authorised,
            assessment: arrangement.assessment_ref.clone(),
        };
    }
    if let Some(public) = public_instrument {
        return Instrument::PublicInstrument { assessment: public.assessment_ref.clone() };
    }
    if let Some(order) = foreign_order {
        return Instrument::ForeignOrder { treaty: order.treaty.clone(), safeguards: order.safeguards };
    }
    if let Some(derogation) = derogation {
        return exception(derogation);
    }
    Instrument::Adequacy {
        decision: adequacy.as_ref().map(|act| act.decision.clone()).unwrap_or_default(),
        regime: adequacy.as_ref().and_then(|act| act.regime.clone()),
        listed_only: adequacy.as_ref().is_none_or(|act| act.listed_only),
    }
}

fn dpf(listing: &DpfListingSpec) -> Instrument {
    Instrument::DpfListing {
        decision: listing.decision.clone(),
        active: listing.active,
        data_types: listing.data_types.iter().copied().collect(),
        checked_at: listing.checked_at,
    }
}

fn set_of_clauses(act: &ClauseSetSpec) -> Instrument {
    Instrument::ClauseSet {
        decision: act.decision.clone(),
        prepared_by: act.adopted_by,
        modules: act.modules.iter().copied().collect(),
        contracts_before: act.contracts_before,
        contracts_until: act.contracts_until,
    }
}

fn agreed_clauses(clauses: &StandardContractualClausesSpec) -> Instrument {
    Instrument::StandardContractualClauses {
        decision: clauses.decision.clone(),
        modules: clauses.modules.iter().copied().collect(),
        annexes_complete: clauses.annexes_complete,
        signed: clauses.signed,
        assessment: clauses.assessment_ref.clone(),
        returns_controllers_data_only: clauses.returns_controllers_data_only,
    }
}

fn exception(spec: &DerogationSpec) -> Instrument {
    Instrument::Derogation {
        ground: spec.ground,
        approval: spec.approved.as_ref().map(|approval| Approval { by: approval.by.clone(), on: approval.date }),
        max_occurrences: spec.max_occurrences,
        informed: spec.informed,
    }
}

fn set<T: Clone, S: FromIterator<T>>(items: Option<&[T]>) -> Option<S> {
    items.map(|items| items.iter().cloned().collect())
}
