//! Whether an instrument of Chapter V GDPR carries a hop to a place; one file for each instrument.

pub(crate) mod adequacy;
pub(crate) mod assessment;
mod bcr;
mod code;
pub(crate) mod derogation;
pub(crate) mod dpf;
pub(crate) mod needs;
mod order;
mod parties;
mod public;
mod scc;
pub(crate) mod scope;
pub(crate) mod validity;

use landfall_observation::Outcome;
use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    Basis, Categories, Entity, Instrument, InstrumentEnd, Interpretation, Obligation, Place, Ruleset, Sentence,
    Setting,
    moment::Moment,
    ruleset::Candidate,
    verdict::{Ground, Missing, MissingCode, Reason, ReasonCode},
};

pub(crate) use parties::{Misfit, misfit};
pub(crate) use validity::Invalid;

/// One hop of the chain, with what bases depend on. Every exporter here is a processor or a
/// sub-processor; a controller's own transfers are not observed.
#[derive(Debug, Clone)]
pub(crate) struct Hop<'a> {
    pub(crate) exporter: &'a Entity,
    /// The receiving legal entity. Clauses, listings and assessments are specific to one entity and
    /// never cover its parent or a sister company.
    pub(crate) importer: &'a Entity,
    pub(crate) role: Role,
    pub(crate) categories: Categories<'a>,
    /// Kinds of data subjects, as DPV concepts.
    pub(crate) data_subjects: &'a BTreeSet<String>,
    /// How many connections were seen.
    pub(crate) occurrences: u64,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) interpretation: &'a Interpretation,
}

/// The role in which the importer receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A sub-processor.
    Processor,
    /// The controller gets its data back.
    Controller,
}

/// How an instrument fits a hop to a place, from best to worst.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fit<'a> {
    /// It carries the transfer; with the interpretation setting that decided, if one did.
    Carries(Option<Setting>),
    /// It fits, but lacks something that a person can obtain.
    Lacks(Vec<Missing<'a>>),
    /// It concerns this hop, but does not carry it.
    Fails(Box<Reason<'a>>),
}

impl Fit<'_> {
    /// Sorts fits from best to worst.
    pub(crate) fn rank(&self) -> (u8, usize) {
        match self {
            Self::Carries(_) => (0, 0),
            Self::Lacks(missing) => (1, missing.len()),
            Self::Fails(_) => (2, 0),
        }
    }
}

/// How a basis fits `hop` to `place`; `None` if it does not concern them.
pub(crate) fn assess<'a>(
    candidate: Candidate<'a>,
    hop: &Hop<'a>,
    place: Place,
    moment: &mut Moment,
) -> Option<Fit<'a>> {
    let concerns = scope::concerns(candidate.basis, &hop.exporter.name, place);
    concerns.then(|| fit(candidate, hop, place, moment).unwrap_or_else(Fit::Fails))
}

fn fit<'a>(
    candidate: Candidate<'a>,
    hop: &Hop<'a>,
    place: Place,
    moment: &mut Moment,
) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let Candidate { basis, act } = candidate;
    validity::check(candidate, moment).map_err(|invalid| ended(basis, invalid))?;
    covers(basis, hop)?;
    if let Some(misfit) = misfit(candidate, hop) {
        return Err(parties::reason(candidate, misfit, hop));
    }
    let mut missing = Vec::new();
    let mut reading = None;
    if let Some(unknown) = unknown_act(candidate) {
        missing.push(unknown);
    } else if let Some(act) = act {
        covers(act, hop)?;
    }
    for need in needs::unmet(basis, moment) {
        missing.push(needs::judged(basis, need, hop.role.module())?);
    }
    match &basis.instrument {
        Instrument::Adequacy { .. } => missing.extend(adequacy::unconfirmed(basis, hop)),
        Instrument::DpfListing { data_types, checked_at, .. } => {
            missing.extend(dpf::missing(basis, data_types, *checked_at, hop, moment).into_iter().flatten());
            reading = dpf::reading(data_types, hop);
        }
        instrument if assessment::is_needed(instrument, hop.role.module()) => {
            missing.extend(assessment::check(basis, hop, place, moment)?);
        }
        _ => {}
    }
    missing.extend(stale(&basis.name, basis.as_of, hop.interpretation, moment));
    Ok(if missing.is_empty() { Fit::Carries(reading) } else { Fit::Lacks(missing) })
}

/// The article on which an instrument rests.
pub(crate) fn article(instrument: &Instrument) -> &'static str {
    match instrument {
        Instrument::Adequacy { .. } => adequacy::DECISION,
        Instrument::DpfListing { .. } => dpf::DECISION,
        Instrument::ClauseSet { .. } | Instrument::StandardContractualClauses { .. } => scc::CLAUSES,
        Instrument::BindingCorporateRules { .. } => bcr::RULES,
        Instrument::CodeOfConduct { .. } => code::CODE,
        Instrument::Certification { .. } => code::CERTIFICATION,
        Instrument::AdHocClauses { .. } => code::AD_HOC,
        Instrument::AdministrativeArrangement { .. } => public::ARRANGEMENT,
        Instrument::PublicInstrument { .. } => public::INSTRUMENT,
        Instrument::ForeignOrder { .. } => order::ORDER,
        Instrument::Derogation { ground, .. } => derogation::article(*ground),
    }
}

/// Why `basis` carries nothing any more, or not yet, as a reason.
fn ended<'a>(basis: &'a Basis, invalid: Invalid<'a>) -> Box<Reason<'a>> {
    let name = &basis.name;
    let fallen = |article, says| fails(basis, ReasonCode::BasisFallen, article, says);
    match invalid {
        Invalid::NotYet { what, from } => {
            let says = Sentence::NotYet { basis: what.name.as_str().into(), from };
            fails(basis, ReasonCode::BasisDoesNotFit, "Art. 44 GDPR", says)
        }
        Invalid::Ended { what, how } => {
            let article = match (how, &what.instrument) {
                (InstrumentEnd::Annulled(_), _) => "Art. 264(1), 267 TFEU",
                (InstrumentEnd::Expired(_), _) => "Art. 44 GDPR",
                (_, Instrument::Adequacy { .. } | Instrument::DpfListing { .. }) => "Art. 45(5) GDPR",
                (_, Instrument::ClauseSet { .. } | Instrument::StandardContractualClauses { .. }) => {
                    "Art. 46(2)(c) GDPR, (EU) 2021/914 clause 16"
                }
                _ => "Art. 44 GDPR",
            };
            fallen(
                article,
                Sentence::Fallen {
                    basis: what.name.as_str().into(),
                    how,
                    development: what.validity.ended_by.as_deref().map(Into::into),
                },
            )
        }
        Invalid::NotListed { checked } => fallen(dpf::DECISION, Sentence::NotOnDpfList { basis: name.into(), checked }),
        Invalid::ContractTooLate { decision } => {
            fallen(scc::CLAUSES, Sentence::DeadClauses { basis: name.into(), decision: decision.into(), until: None })
        }
        Invalid::ContractsEnded { decision, until } => fallen(
            scc::CLAUSES,
            Sentence::DeadClauses { basis: name.into(), decision: decision.into(), until: Some(until) },
        ),
    }
}

/// Whether the act on which the instrument rests is missing in the register, or is of the wrong kind.
pub(crate) fn is_act_unknown(Candidate { basis, act }: Candidate<'_>) -> bool {
    let act = act.map(|act| &act.instrument);
    match &basis.instrument {
        Instrument::StandardContractualClauses { .. } => !matches!(act, Some(Instrument::ClauseSet { .. })),
        Instrument::DpfListing { .. } => !matches!(act, Some(Instrument::Adequacy { .. })),
        _ => false,
    }
}

fn unknown_act(candidate: Candidate<'_>) -> Option<Missing<'_>> {
    let basis = candidate.basis;
    is_act_unknown(candidate).then(|| {
        let decision = basis.instrument.decision().unwrap_or_default();
        let says = Sentence::ActUnknown { basis: basis.name.as_str().into(), decision: decision.into() };
        lacks(basis, MissingCode::LegalAct, article(&basis.instrument), says)
    })
}

/// Checks that the instrument, or its act, covers the categories sent.
fn covers<'a>(basis: &'a Basis, hop: &Hop<'a>) -> Result<(), Box<Reason<'a>>> {
    let categories = scope::uncovered(basis, hop.categories);
    if categories.is_empty() {
        return Ok(());
    }
    let says = Sentence::DoesNotCover { basis: basis.name.as_str().into(), categories: categories.into() };
    Err(fails(basis, ReasonCode::BasisDoesNotFit, "Art. 44 GDPR", says))
}

/// What is missing if a legal fact is older than the setting allows, at the time of the transfer.
pub(crate) fn stale<'a>(
    subject: &'a str,
    as_of: Date,
    interpretation: &Interpretation,
    moment: &mut Moment,
) -> Option<Missing<'a>> {
    let limit = interpretation.legal_data_max_age_days;
    is_stale(as_of, interpretation, moment).then(|| Missing {
        code: MissingCode::FreshLegalData,
        subject,
        ground: Ground::new(Sentence::StaleFacts { subject: subject.into(), as_of, limit })
            .article("Art. 5(2), 24 GDPR")
            .setting(Setting::LegalDataMaxAgeDays(limit)),
    })
}

/// Whether facts checked on that day are older than the setting allows.
pub(crate) fn is_stale(as_of: Date, interpretation: &Interpretation, moment: &mut Moment) -> bool {
    moment.is_older(as_of, interpretation.legal_data_max_age_days)
}

/// Something that `basis` lacks.
fn lacks<'a>(basis: &'a Basis, code: MissingCode, article: &'static str, says: Sentence<'a>) -> Missing<'a> {
    Missing { code, subject: &basis.name, ground: Ground::new(says).article(article).instrument(&basis.name) }
}

/// Why `basis` does not carry.
fn fails<'a>(basis: &'a Basis, code: ReasonCode, article: &'static str, says: Sentence<'a>) -> Box<Reason<'a>> {
    let ground = Ground::new(says).obligation(Obligation::TrfGate).article(article).instrument(&basis.name);
    Box::new(Reason { effect: Outcome::Unlawful, code, ground })
}
