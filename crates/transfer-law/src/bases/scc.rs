//! Standard contractual clauses (Art. 46(2)(c), (d) GDPR; DPV `eu-gdpr:A46-2-c`, `A46-2-d`).
//!
//! The module must fit the roles. The exporters watched here are processors: towards one that
//! processes on their behalf it is module 3 (processor to processor), towards the controller
//! module 4. The appendix asks for Annexes I to III, with module 4 for Annex I; clause 14 for an
//! impact assessment, but for a processor that returns the controller's own data and nothing else.
//!
//! Clauses rest on the act that adopted them. After the old sets (2001/497/EC, 2004/915/EC,
//! 2010/87/EU) were repealed, contracts concluded before lived on for a while (Art. 4(2), (3) of
//! (EU) 2021/914) and are dead now.

use jiff::civil::Date;

use super::{Fit, Hop, Role, act, assessment, fails, lacks, unfit};
use crate::{
    Instrument, Place, Sentence, moment,
    ruleset::Candidate,
    verdict::{Missing, MissingCode, Reason, ReasonCode},
};

/// The regime of an importer that is itself under the GDPR: the clauses are not meant for it, and no
/// others were adopted.
const UNION_LAW: &str = "GDPR";

pub(super) const CLAUSES: &str = "Art. 46(2)(c) GDPR, (EU) 2021/914";

pub(super) fn fit<'a>(candidate: Candidate<'a>, hop: &Hop<'a>, place: Place) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let basis = candidate.basis;
    let Instrument::StandardContractualClauses {
        decision,
        modules,
        annexes_complete,
        signed,
        assessment,
        returns_controllers_data_only,
    } = &basis.instrument
    else {
        return Err(unfit(basis));
    };
    let name = &basis.name;
    let module = match hop.role {
        Role::Processor => 3,
        Role::Controller => 4,
    };
    if !modules.contains(&module) {
        let says = Sentence::WrongModule { basis: name, needed: module, agreed: modules };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, CLAUSES, says));
    }
    if hop.importer.regimes.get(UNION_LAW) == Some(&true) {
        let says = Sentence::ImporterUnderGdpr { basis: name, importer: &hop.importer.name };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, "(EU) 2021/914 recital 7, Art. 3(2) GDPR", says));
    }
    let mut missing = Vec::new();
    missing.extend(rests(candidate, hop, decision, module, *signed)?);
    if !hop.moment.has_come(*signed) {
        missing.push(lacks(basis, MissingCode::Signature, CLAUSES, Sentence::Sign { basis: name }));
    }
    if !annexes_complete {
        missing.push(lacks(basis, MissingCode::Annexes, CLAUSES, Sentence::FillAnnexes { basis: name, module }));
    }
    if !(module == 4 && *returns_controllers_data_only) {
        missing.extend(assessment::check(basis, hop, place, assessment.as_deref())?);
    }
    Ok(Fit::unless(missing))
}

/// Whether the act is there, still carries contracts of that day, and has the module.
fn rests<'a>(
    candidate: Candidate<'a>,
    hop: &Hop<'a>,
    decision: &'a str,
    module: u8,
    signed: Option<Date>,
) -> Result<Option<Missing<'a>>, Box<Reason<'a>>> {
    let basis = candidate.basis;
    let act = match act(candidate, decision, hop)? {
        Ok(act) => act,
        Err(unknown) => return Ok(Some(unknown)),
    };
    let Instrument::ClauseSet { modules, contracts_before, contracts_until, .. } = &act.instrument else {
        let says = Sentence::ActUnknown { basis: &basis.name, decision };
        return Ok(Some(lacks(basis, MissingCode::LegalAct, CLAUSES, says)));
    };
    let dead = |until| {
        let says = Sentence::DeadClauses { basis: &basis.name, decision, until };
        Err(fails(basis, ReasonCode::BasisFallen, CLAUSES, says))
    };
    if let Some(limit) = contracts_before.filter(|limit| hop.moment.reached(*limit)) {
        if signed.and_then(moment::start).is_none_or(|signed| signed >= limit) {
            return dead(None);
        }
        if let Some(until) = contracts_until.filter(|until| hop.moment.reached(*until)) {
            return dead(Some(until));
        }
    }
    if !modules.contains(&module) {
        let says = Sentence::ModuleNotOffered { basis: &basis.name, decision, module };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, CLAUSES, says));
    }
    Ok(None)
}
