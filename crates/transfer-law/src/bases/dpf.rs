//! The EU-U.S. Data Privacy Framework: Implementing Decision (EU) 2023/1795 under Art. 45(3) GDPR.
//!
//! It is adequacy for the entities on the list only (Art. 1 of the decision), each for the kinds
//! of data that it certified, re-certified every year. So the entry has a date on which the list
//! was looked at, and an old look is no evidence. It falls with the decision.
//!
//! Whose data is HR data is read in two ways: in the United States that of the certified company's
//! own staff, in Europe that of any employee. The setting `hrData` decides.

use super::{Fit, Hop, act, fails, lacks, unfit};
use crate::{
    DpfDataType, HrData, Instrument, Sentence, Setting,
    ruleset::Candidate,
    verdict::{MissingCode, Reason, ReasonCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR, (EU) 2023/1795";

/// The DPV concept of employees.
const EMPLOYEE: &str = "dpv:Employee";

pub(super) fn fit<'a>(candidate: Candidate<'a>, hop: &Hop<'a>) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let basis = candidate.basis;
    let Instrument::DpfListing { decision, active, data_types, checked_at } = &basis.instrument else {
        return Err(unfit(basis));
    };
    let name = &basis.name;
    if !active {
        let says = Sentence::NotOnDpfList { basis: name, checked: *checked_at };
        return Err(fails(basis, ReasonCode::BasisFallen, DECISION, says));
    }
    let employees = hop.data_subjects.contains(EMPLOYEE);
    let only_employees = employees && hop.data_subjects.len() == 1;
    let european = hop.interpretation.hr_data == HrData::European;
    let reading = Setting::HrData(hop.interpretation.hr_data);
    // Customers, prospects and partners of the controllers are no HR data; a certification for
    // staff alone does not cover them.
    let covers_others = data_types.contains(&DpfDataType::NonHr);
    if !covers_others && (!european || !only_employees) {
        let mut reason = fails(basis, ReasonCode::BasisDoesNotFit, DECISION, Sentence::DpfHrOnly { basis: name });
        reason.ground.setting = only_employees.then_some(reading);
        return Err(reason);
    }
    let mut missing = Vec::new();
    if let Err(unknown) = act(candidate, decision, hop)? {
        missing.push(unknown);
    }
    let without_hr = employees && !data_types.contains(&DpfDataType::Hr);
    if without_hr && european {
        let says = Sentence::DpfWithoutHr { basis: name };
        let mut lack = lacks(basis, MissingCode::HrCertification, DECISION, says);
        lack.ground.setting = Some(reading);
        missing.push(lack);
    }
    let limit = hop.interpretation.dpf_check_max_age_days;
    if hop.moment.is_older(*checked_at, limit) {
        let says = Sentence::DpfCheck { basis: name, checked: *checked_at, limit };
        let mut lack = lacks(basis, MissingCode::DpfCheck, DECISION, says);
        lack.ground.setting = Some(Setting::DpfCheckMaxAgeDays(limit));
        missing.push(lack);
    }
    let decided = without_hr || !covers_others;
    Ok(if missing.is_empty() { Fit::Carries(decided.then_some(reading)) } else { Fit::Lacks(missing) })
}
