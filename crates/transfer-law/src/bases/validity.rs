//! Whether an instrument is in force at an instant: by its own validity and by that of its act.
//!
//! Annulment, and invalidity found in a preliminary ruling, work from the start (Art. 264(1), 267 TFEU); repeal and
//! suspension from their instant on (Art. 45(5) GDPR; for clauses, clause 16).

use jiff::{Timestamp, civil::Date};

use crate::{
    Basis, Instrument, InstrumentEnd, Validity,
    moment::{self, Moment},
    ruleset::Candidate,
};

/// Why an instrument carries nothing at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Invalid<'a> {
    /// It, or its act, is not in force yet.
    NotYet {
        /// What: the instrument or the act.
        what: &'a Basis,
        /// From when on.
        from: Timestamp,
    },
    /// It, or its act, has ended.
    Ended {
        /// What: the instrument or the act.
        what: &'a Basis,
        /// How.
        how: InstrumentEnd,
    },
    /// The list did not show the importer as active.
    NotListed {
        /// When the list was looked at.
        checked: Date,
    },
    /// The act was repealed, and the contract is not one that outlives the repeal.
    ContractTooLate {
        /// Number of the act.
        decision: &'a str,
    },
    /// The period in which contracts outlived the repeal of the act is over.
    ContractsEnded {
        /// Number of the act.
        decision: &'a str,
        /// Its end, exclusive.
        until: Timestamp,
    },
}

impl Invalid<'_> {
    /// Whether it has ended, as opposed to not having begun.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(self, Self::NotYet { .. })
    }
}

/// Checks that the instrument and its act, if registered, are in force.
pub(crate) fn check<'a>(candidate: Candidate<'a>, moment: &mut Moment) -> Result<(), Invalid<'a>> {
    let Candidate { basis, act } = candidate;
    in_force(basis, moment)?;
    match &basis.instrument {
        Instrument::DpfListing { active: false, checked_at, .. } => Err(Invalid::NotListed { checked: *checked_at }),
        Instrument::DpfListing { .. } => act.map_or(Ok(()), |act| in_force(act, moment)),
        Instrument::StandardContractualClauses { signed, .. } => {
            act.map_or(Ok(()), |act| clauses_in_force(act, *signed, moment))
        }
        _ => Ok(()),
    }
}

/// Checks an instrument or act by its own validity alone.
pub(crate) fn in_force<'a>(what: &'a Basis, moment: &mut Moment) -> Result<(), Invalid<'a>> {
    let Validity { from, until, suspended, repealed, annulled, ended_by: _ } = &what.validity;
    let mut past = |instant: &Option<Timestamp>| instant.filter(|instant| moment.reached(*instant));
    let how = if let Some(judgment) = annulled {
        InstrumentEnd::Annulled(*judgment)
    } else if let Some(instant) = past(repealed) {
        InstrumentEnd::Repealed(instant)
    } else if let Some(instant) = past(suspended) {
        InstrumentEnd::Suspended(instant)
    } else if let Some(instant) = past(until) {
        InstrumentEnd::Expired(instant)
    } else if let Some(from) = from.filter(|instant| !moment.reached(*instant)) {
        return Err(Invalid::NotYet { what, from });
    } else {
        return Ok(());
    };
    Err(Invalid::Ended { what, how })
}

/// Whether clauses signed on that day can rest on `act`. If old contracts outlive its repeal, they carry until the end
/// of that period (Art. 4(4) of (EU) 2021/914); an annulled or suspended act supports no contract.
fn clauses_in_force<'a>(act: &'a Basis, signed: Option<Date>, moment: &mut Moment) -> Result<(), Invalid<'a>> {
    let Instrument::ClauseSet { decision, contracts_before, contracts_until, .. } = &act.instrument else {
        return in_force(act, moment);
    };
    let Some(before) = contracts_before else { return in_force(act, moment) };
    let is_old = signed.and_then(moment::start).is_some_and(|signed| signed < *before);
    match in_force(act, moment) {
        Err(Invalid::Ended { how: InstrumentEnd::Repealed(_) | InstrumentEnd::Expired(_), .. }) if !is_old => {
            return Err(Invalid::ContractTooLate { decision });
        }
        Err(Invalid::Ended { how: InstrumentEnd::Repealed(_) | InstrumentEnd::Expired(_), .. })
            if contracts_until.is_some() =>
        {
            // A repealed act can also have been suspended.
            let suspended = act.validity.suspended.filter(|instant| moment.reached(*instant));
            if let Some(instant) = suspended {
                return Err(Invalid::Ended { what: act, how: InstrumentEnd::Suspended(instant) });
            }
        }
        other => other?,
    }
    if moment.reached(*before) && !is_old {
        return Err(Invalid::ContractTooLate { decision });
    }
    match contracts_until.filter(|until| moment.reached(*until)) {
        Some(until) => Err(Invalid::ContractsEnded { decision, until }),
        None => Ok(()),
    }
}

/// When something in force ends, by itself or with its act; [`Timestamp::MAX`] if never.
pub(crate) fn ends(candidate: Candidate<'_>) -> Timestamp {
    let Candidate { basis, act } = candidate;
    let end_of_act = act.map_or(Timestamp::MAX, |act| match (&basis.instrument, &act.instrument) {
        (
            Instrument::StandardContractualClauses { signed, .. },
            Instrument::ClauseSet { contracts_before: Some(before), contracts_until: Some(until), .. },
        ) if signed.and_then(moment::start).is_some_and(|signed| signed < *before) => *until,
        _ => act.validity.ends(),
    });
    basis.validity.ends().min(end_of_act)
}

impl Validity {
    /// When it ends, if it has not; [`Timestamp::MAX`] if never.
    pub(crate) fn ends(&self) -> Timestamp {
        let Self { suspended, repealed, until, from: _, annulled: _, ended_by: _ } = self;
        [suspended, repealed, until].into_iter().flatten().min().copied().unwrap_or(Timestamp::MAX)
    }
}
