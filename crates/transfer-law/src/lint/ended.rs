//! How a basis or its act has ended, in words.

use super::case::Case;
use crate::{
    Basis, Instrument, InstrumentEnd,
    bases::{Invalid, validity},
    ruleset::Candidate,
};

/// Why a basis is not in force, no longer or not yet.
pub(super) fn invalid_text(basis: &Basis, invalid: Invalid<'_>) -> String {
    match invalid {
        Invalid::NotYet { from, .. } => format!("begins only at {from}"),
        Invalid::NotListed { checked } => format!("was not active on the list of {checked}"),
        Invalid::ContractTooLate { decision } => {
            format!("rests on {decision}, which is repealed, and the contract was not concluded before that")
        }
        Invalid::ContractsEnded { decision, .. } => {
            format!("rests on {decision}, under which no contract is good any more")
        }
        Invalid::Ended { what, how } => {
            let how = match how {
                InstrumentEnd::Annulled(judgment) => format!("was annulled at {judgment}"),
                InstrumentEnd::Suspended(instant) => format!("is suspended since {instant}"),
                InstrumentEnd::Repealed(instant) => format!("is repealed since {instant}"),
                InstrumentEnd::Expired(instant) => format!("ended at {instant}"),
            };
            match what.instrument.decision() {
                Some(act) if what.name != basis.name => format!("rests on {act}, which {how}"),
                _ => how,
            }
        }
    }
}

/// How the set of clauses has ended on which standard clauses rest.
pub(super) fn dead_clauses(case: &Case<'_>, candidate: Candidate<'_>) -> Option<String> {
    let basis = candidate.basis;
    let Instrument::StandardContractualClauses { .. } = basis.instrument else { return None };
    let invalid = validity::check(candidate, &mut case.moment()).err().filter(Invalid::has_ended)?;
    let by_itself = matches!(invalid, Invalid::Ended { what, .. } if what.name == basis.name);
    (!by_itself).then(|| invalid_text(basis, invalid))
}
