//! Whether an instrument of Chapter V GDPR carries one hop to one place; one instrument a file.

mod adequacy;
mod assessment;
mod bcr;
mod code;
mod derogation;
mod dpf;
mod order;
mod public;
mod scc;

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use landfall_observation::DataCategory;

use crate::{
    Basis, Categories, Entity, Fallen, Instrument, Interpretation, Place, Ruleset, Sentence, Setting, Validity,
    moment::Moment,
    ruleset::Candidate,
    verdict::{Ground, Missing, MissingCode, Outcome, Reason, ReasonCode},
};

/// One hop of the chain, as far as bases ask for it. Every exporter here is a processor or a
/// sub-processor; a controller's own transfers are not watched.
#[derive(Debug, Clone)]
pub(crate) struct Hop<'a> {
    pub(crate) exporter: &'a Entity,
    /// The legal entity that receives. Clauses, listings and assessments are of one entity and
    /// never serve its parent or its sister.
    pub(crate) importer: &'a Entity,
    pub(crate) role: Role,
    pub(crate) categories: Categories<'a>,
    /// Kinds of data subjects, as DPV concepts.
    pub(crate) data_subjects: &'a BTreeSet<String>,
    /// How many connections were seen.
    pub(crate) occurrences: u64,
    pub(crate) moment: Moment,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) interpretation: &'a Interpretation,
}

/// As what the importer receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A sub-processor.
    Processor,
    /// The controller gets its data back.
    Controller,
}

/// What an instrument does for a hop to a place, from best to worst.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fit<'a> {
    /// It carries the transfer; by this reading, where one decided.
    Carries(Option<Setting>),
    /// It fits, and lacks something a person can fetch.
    Lacks(Vec<Missing<'a>>),
    /// It is about this hop, and does not carry it.
    Fails(Box<Reason<'a>>),
}

impl<'a> Fit<'a> {
    const CARRIES: Self = Self::Carries(None);

    /// Sorts fits from best to worst.
    pub(crate) fn rank(&self) -> (u8, usize) {
        match self {
            Self::Carries(_) => (0, 0),
            Self::Lacks(missing) => (1, missing.len()),
            Self::Fails(_) => (2, 0),
        }
    }

    /// Carries unless something is missing.
    fn unless(missing: Vec<Missing<'a>>) -> Self {
        if missing.is_empty() { Self::CARRIES } else { Self::Lacks(missing) }
    }
}

/// What a basis does for `hop` to `place`; `None` if it is not about them.
pub(crate) fn assess<'a>(candidate: Candidate<'a>, hop: &Hop<'a>, place: Place) -> Option<Fit<'a>> {
    concerns(candidate.basis, hop, place).then(|| fit(candidate, hop, place).unwrap_or_else(Fit::Fails))
}

fn fit<'a>(candidate: Candidate<'a>, hop: &Hop<'a>, place: Place) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let basis = candidate.basis;
    holds(basis, &hop.moment)?;
    covers(basis, hop)?;
    let own = match &basis.instrument {
        Instrument::Adequacy { decision, regime, .. } => adequacy::fit(basis, hop, decision, regime.as_deref())?,
        Instrument::DpfListing { .. } => dpf::fit(candidate, hop)?,
        Instrument::StandardContractualClauses { .. } => scc::fit(candidate, hop, place)?,
        Instrument::BindingCorporateRules { variant, approved, .. } => {
            bcr::fit(basis, hop, place, *variant, *approved)?
        }
        Instrument::CodeOfConduct { approved: recognised, binding_commitments, .. }
        | Instrument::Certification { certified: recognised, binding_commitments, .. } => {
            code::fit(basis, hop, place, *recognised, *binding_commitments)?
        }
        Instrument::AdHocClauses { authorised, .. } => code::ad_hoc(basis, hop, place, *authorised)?,
        Instrument::AdministrativeArrangement { .. } | Instrument::PublicInstrument { .. } => {
            public::fit(basis, hop, place)?
        }
        Instrument::ForeignOrder { treaty, safeguards } => order::fit(basis, treaty.as_deref(), *safeguards)?,
        Instrument::Derogation { .. } => derogation::fit(basis, hop)?,
        // Acts carry through what rests on them.
        Instrument::ClauseSet { .. } => return Err(unfit(basis)),
    };
    let Some(stale) = stale(&basis.name, basis.as_of, hop.interpretation, &hop.moment) else { return Ok(own) };
    Ok(match own {
        Fit::Lacks(mut missing) => {
            missing.push(stale);
            Fit::Lacks(missing)
        }
        Fit::Carries(_) => Fit::Lacks(vec![stale]),
        Fit::Fails(reason) => Fit::Fails(reason),
    })
}

/// Whether the instrument is between these parties and for this place.
fn concerns(basis: &Basis, hop: &Hop<'_>, place: Place) -> bool {
    // The importer was matched where the basis was found.
    let exporter = basis.exporters.as_ref().is_none_or(|names| names.contains(&hop.exporter.name));
    let country = match (place, &basis.countries) {
        // A decision for everybody anywhere there is none; one for an organisation names it.
        (Place::Organisation, None) => basis.importers.is_some(),
        (_, None) => true,
        (Place::In(jurisdiction), Some(countries)) => countries.contains(jurisdiction),
        (Place::Anywhere | Place::Organisation, Some(_)) => false,
    };
    exporter && country
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

/// Whether the instrument is in force at `at`. Annulment, and invalidity found in a preliminary
/// ruling, work from the start (Art. 264(1), 267 TFEU), repeal and suspension from their instant
/// on (Art. 45(5) GDPR; for clauses, clause 16).
pub(crate) fn holds<'a>(basis: &'a Basis, moment: &Moment) -> Result<(), Box<Reason<'a>>> {
    let Validity { from, until, suspended, repealed, annulled, ended_by } = &basis.validity;
    let past = |instant: &Option<Timestamp>| instant.filter(|instant| moment.reached(*instant));
    let ended = match basis.instrument {
        Instrument::Adequacy { .. } | Instrument::DpfListing { .. } => "Art. 45(5) GDPR",
        Instrument::ClauseSet { .. } | Instrument::StandardContractualClauses { .. } => {
            "Art. 46(2)(c) GDPR, (EU) 2021/914 clause 16"
        }
        _ => "Art. 44 GDPR",
    };
    let (how, article) = if let Some(judgment) = annulled {
        (Fallen::Annulled(*judgment), "Art. 264(1), 267 TFEU")
    } else if let Some(instant) = past(repealed) {
        (Fallen::Repealed(instant), ended)
    } else if let Some(instant) = past(suspended) {
        (Fallen::Suspended(instant), ended)
    } else if let Some(instant) = past(until) {
        (Fallen::Expired(instant), "Art. 44 GDPR")
    } else if let Some(from) = from.filter(|instant| !moment.reached(*instant)) {
        let says = Sentence::NotYet { basis: &basis.name, from };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, "Art. 44 GDPR", says));
    } else {
        return Ok(());
    };
    let says = Sentence::Fallen { basis: &basis.name, how, development: ended_by.as_deref() };
    Err(fails(basis, ReasonCode::BasisFallen, article, says))
}

/// The act with the number `decision` on which a basis rests, if the register has it and it is in force.
fn act<'a>(
    candidate: Candidate<'a>,
    decision: &'a str,
    hop: &Hop<'a>,
) -> Result<Result<&'a Basis, Missing<'a>>, Box<Reason<'a>>> {
    let Candidate { basis, act } = candidate;
    let Some(act) = act else {
        let says = Sentence::ActUnknown { basis: &basis.name, decision };
        return Ok(Err(lacks(basis, MissingCode::LegalAct, article(&basis.instrument), says)));
    };
    holds(act, &hop.moment).map_err(|mut reason| {
        reason.ground.instrument = Some(&basis.name);
        reason
    })?;
    covers(act, hop)?;
    Ok(Ok(act))
}

/// Whether the instrument covers what is sent.
fn covers<'a>(basis: &'a Basis, hop: &Hop<'a>) -> Result<(), Box<Reason<'a>>> {
    if basis.categories.is_none() && basis.except_categories.is_empty() {
        return Ok(());
    }
    let allowed = |category: &DataCategory| {
        basis.categories.as_ref().is_none_or(|limit| limit.contains(category))
            && !basis.except_categories.contains(category)
    };
    if hop.categories.iter().all(allowed) {
        return Ok(());
    }
    let categories = hop.categories.iter().filter(|category| !allowed(category)).collect();
    let says = Sentence::DoesNotCover { basis: &basis.name, categories };
    Err(fails(basis, ReasonCode::BasisDoesNotFit, "Art. 44 GDPR", says))
}

/// That an act, or what is no such instrument, carries nothing by itself.
fn unfit(basis: &Basis) -> Box<Reason<'_>> {
    let decision = basis.instrument.decision().unwrap_or_default();
    let says = Sentence::ActUnknown { basis: &basis.name, decision };
    fails(basis, ReasonCode::BasisDoesNotFit, article(&basis.instrument), says)
}

/// That a legal fact is older than the setting allows, measured at the transfer's own time.
pub(crate) fn stale<'a>(
    subject: &'a str,
    as_of: Date,
    interpretation: &Interpretation,
    moment: &Moment,
) -> Option<Missing<'a>> {
    let limit = interpretation.legal_data_max_age_days;
    moment.is_older(as_of, limit).then(|| Missing {
        code: MissingCode::FreshLegalData,
        subject,
        ground: Ground::new(Sentence::StaleFacts { subject, as_of, limit })
            .article("Art. 5(2), 24 GDPR")
            .setting(Setting::LegalDataMaxAgeDays(limit)),
    })
}

/// Something that `basis` lacks.
fn lacks<'a>(basis: &'a Basis, code: MissingCode, article: &'static str, says: Sentence<'a>) -> Missing<'a> {
    Missing { code, subject: &basis.name, ground: Ground::new(says).article(article).instrument(&basis.name) }
}

/// Why `basis` does not carry.
fn fails<'a>(basis: &'a Basis, code: ReasonCode, article: &'static str, says: Sentence<'a>) -> Box<Reason<'a>> {
    let ground = Ground::new(says).obligation("TRF-GATE").article(article).instrument(&basis.name);
    Box::new(Reason { effect: Outcome::Unlawful, code, ground })
}
