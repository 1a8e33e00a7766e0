//! The EU-U.S. Data Privacy Framework: Implementing Decision (EU) 2023/1795 under Art. 45(3) GDPR.
//!
//! The decision is limited to the entities on the list (Art. 1), each for the kinds of data that it certified;
//! certification is renewed every year. So a listing has the date on which the list was last checked, and an old check
//! is no evidence. A listing ends with the decision.
//!
//! There are two readings of HR data: in the United States, data of the certified company's own staff; in Europe, data
//! of any employee. The setting `hrData` decides.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Hop, Misfit, lacks};
use crate::{
    Basis, DpfDataType, HrData, Interpretation, Sentence, Setting,
    moment::Moment,
    verdict::{Missing, MissingCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR, (EU) 2023/1795";

/// The DPV concept of employees.
const EMPLOYEE: &str = "dpv:Employee";

/// Whether a certification covers the data subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Yes, in either reading.
    Full,
    /// Yes, in the reading that `hrData` sets.
    ByReading,
    /// It covers HR data only, and other data is sent, too, or only employees' data that the reading excludes.
    HrDataOnly { only_employees: bool },
    /// Employees' data is sent, and it does not cover HR data in the European reading.
    WithoutHrData,
}

/// Whether a certification for `data_types` covers the data of `data_subjects`. Data of customers, prospects and
/// partners of the controllers is not HR data; a certification for HR data only does not cover it.
pub(crate) fn coverage(
    data_types: &BTreeSet<DpfDataType>,
    data_subjects: &BTreeSet<String>,
    reading: HrData,
) -> Coverage {
    let employees = data_subjects.contains(EMPLOYEE);
    let only_employees = employees && data_subjects.len() == 1;
    let european = reading == HrData::European;
    if !data_types.contains(&DpfDataType::NonHr) {
        return if european && only_employees { Coverage::ByReading } else { Coverage::HrDataOnly { only_employees } };
    }
    match employees && !data_types.contains(&DpfDataType::Hr) {
        true if european => Coverage::WithoutHrData,
        true => Coverage::ByReading,
        false => Coverage::Full,
    }
}

impl Hop<'_> {
    fn covered_by(&self, data_types: &BTreeSet<DpfDataType>) -> (Coverage, Setting) {
        let reading = self.interpretation.hr_data;
        (coverage(data_types, self.data_subjects, reading), Setting::HrData(reading))
    }
}

pub(super) fn misfit(data_types: &BTreeSet<DpfDataType>, hop: &Hop<'_>) -> Option<Misfit<'static>> {
    match hop.covered_by(data_types) {
        (Coverage::HrDataOnly { only_employees }, reading) => {
            Some(Misfit::HrDataOnly { reading: only_employees.then_some(reading) })
        }
        _ => None,
    }
}

/// What the listing lacks for `hop`.
pub(super) fn missing<'a>(
    basis: &'a Basis,
    data_types: &BTreeSet<DpfDataType>,
    checked_at: Date,
    hop: &Hop<'a>,
    moment: &mut Moment,
) -> [Option<Missing<'a>>; 2] {
    let with = |code, says, setting| {
        let mut lack = lacks(basis, code, DECISION, says);
        lack.ground.setting = Some(setting);
        lack
    };
    let name = &basis.name;
    let (coverage, reading) = hop.covered_by(data_types);
    let without_hr = (coverage == Coverage::WithoutHrData)
        .then(|| with(MissingCode::HrCertification, Sentence::DpfWithoutHr { basis: name.into() }, reading));
    let limit = hop.interpretation.dpf_check_max_age_days;
    let old = is_check_old(checked_at, hop.interpretation, moment).then(|| {
        let says = Sentence::DpfCheck { basis: name.into(), checked: checked_at, limit };
        with(MissingCode::DpfCheck, says, Setting::DpfCheckMaxAgeDays(limit))
    });
    [without_hr, old]
}

/// Whether the list must be checked again.
pub(crate) fn is_check_old(checked_at: Date, interpretation: &Interpretation, moment: &mut Moment) -> bool {
    moment.is_older(checked_at, interpretation.dpf_check_max_age_days)
}

/// The setting by which it carries, if one decided.
pub(super) fn reading(data_types: &BTreeSet<DpfDataType>, hop: &Hop<'_>) -> Option<Setting> {
    let (coverage, reading) = hop.covered_by(data_types);
    (coverage == Coverage::ByReading).then_some(reading)
}
