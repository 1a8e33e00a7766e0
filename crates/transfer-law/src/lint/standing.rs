//! Whether an instrument is in force at an instant, and until when.

use jiff::Timestamp;

use super::case::Case;
use crate::{Basis, Instrument, Validity, moment};

/// Whether a basis is in force, and the act on which it rests.
pub(super) fn holds(case: &Case<'_>, basis: &Basis) -> bool {
    fallen(case, basis).is_none() && has_begun(case, basis)
}

/// Whether the time of a basis has come.
pub(super) fn has_begun(case: &Case<'_>, basis: &Basis) -> bool {
    basis.validity.from.is_none_or(|from| from <= case.at)
}

/// How a basis, or the act on which it rests, has fallen.
pub(super) fn fallen(case: &Case<'_>, basis: &Basis) -> Option<String> {
    if let Some(how) = ended(&basis.validity, case.at) {
        return Some(how);
    }
    match &basis.instrument {
        Instrument::DpfListing { decision, active, checked_at, .. } => {
            if !active {
                return Some(format!("was not active on the list of {checked_at}"));
            }
            let act = case.ruleset.bases.act(decision)?;
            ended(&act.validity, case.at).map(|how| format!("rests on {decision}, which {how}"))
        }
        Instrument::StandardContractualClauses { .. } => dead_clauses(case, basis),
        _ => None,
    }
}

/// Whether standard clauses are of a set that has ended: the act annulled or suspended, or repealed
/// and the contract outside the time for old contracts (Art. 4 of (EU) 2021/914).
pub(super) fn dead_clauses(case: &Case<'_>, basis: &Basis) -> Option<String> {
    let Instrument::StandardContractualClauses { decision, .. } = &basis.instrument else { return None };
    let act = case.ruleset.bases.act(decision)?;
    let Instrument::ClauseSet { contracts_until, .. } = &act.instrument else { return None };
    let Validity { repealed, until, .. } = act.validity;
    let withdrawn = [repealed, until].into_iter().flatten().any(|end| end <= case.at);
    let hard = Validity { repealed: None, until: None, ..act.validity.clone() };
    if let Some(how) = ended(&hard, case.at) {
        return Some(format!("rests on {decision}, which {how}"));
    }
    if contracts_until.is_some_and(|until| until <= case.at) {
        return Some(format!("rests on {decision}, under which no contract is good any more"));
    }
    (withdrawn && !is_old_contract(case, basis))
        .then(|| format!("rests on {decision}, which is repealed, and the contract is not of the time before"))
}

/// Whether standard clauses were concluded before the day up to which contracts outlive the repeal of
/// their set.
fn is_old_contract(case: &Case<'_>, basis: &Basis) -> bool {
    let Instrument::StandardContractualClauses { decision, signed, .. } = &basis.instrument else { return false };
    let act = case.ruleset.bases.act(decision).map(|act| &act.instrument);
    let Some(Instrument::ClauseSet { contracts_before, contracts_until: Some(_), .. }) = act else { return false };
    contracts_before.zip(signed.and_then(moment::start)).is_some_and(|(before, signed)| signed < before)
}

/// How something ended by itself. What is annulled never was valid, whatever the day of the judgment
/// (Art. 264(1) TFEU).
fn ended(validity: &Validity, at: Timestamp) -> Option<String> {
    let Validity { annulled, suspended, repealed, until, .. } = validity;
    if let Some(judgment) = annulled {
        return Some(format!("was annulled at {judgment}"));
    }
    let ways = [("is suspended since", suspended), ("is repealed since", repealed), ("ended at", until)];
    ways.into_iter()
        .find_map(|(how, instant)| instant.filter(|instant| *instant <= at).map(|instant| format!("{how} {instant}")))
}

/// When something ends that is in force; the last instant there is, if never.
pub(super) fn ends(validity: &Validity) -> Timestamp {
    let Validity { suspended, repealed, until, .. } = validity;
    [suspended, repealed, until].into_iter().flatten().min().copied().unwrap_or(Timestamp::MAX)
}

/// When the act ends on which a basis rests; an old contract may outlive its repeal.
pub(super) fn end_of_act(case: &Case<'_>, basis: &Basis) -> Timestamp {
    let act = basis.instrument.decision().and_then(|decision| case.ruleset.bases.act(decision));
    match act.map(|act| (act, &act.instrument)) {
        Some((_, Instrument::ClauseSet { contracts_until: Some(until), .. })) if is_old_contract(case, basis) => *until,
        Some((act, _)) => ends(&act.validity),
        None => Timestamp::MAX,
    }
}
