//! The EU-U.S. Data Privacy Framework: Implementing Decision (EU) 2023/1795 under Art. 45(3) GDPR.
//!
//! It is adequacy for the entities on the list only (Art. 1 of the decision), each for the kinds
//! of data that it certified, re-certified every year. So the entry has a date on which the list
//! was looked at, and an old look is no evidence.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Fit, Hop, fails, is_older, lacks};
use crate::{
    Basis, DpfDataType,
    verdict::{MissingCode, ReasonCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR, (EU) 2023/1795";

pub(super) fn assess(
    basis: &Basis,
    hop: &Hop<'_>,
    active: bool,
    data_types: &BTreeSet<DpfDataType>,
    checked_at: Date,
) -> Fit {
    let name = &basis.name;
    if !active {
        let text = format!("{name}: the DPF list of {checked_at} does not show the entity as active");
        return Fit::Fails(fails(basis, ReasonCode::BasisFallen, Some(DECISION), text));
    }
    // Customers, prospects and partners of the controllers are no HR data; a certification for
    // staff alone does not cover them. Whether data of employees crosses cannot be seen.
    if !data_types.contains(&DpfDataType::NonHr) {
        let text = format!("{name}: the certification covers HR data only");
        return Fit::Fails(fails(basis, ReasonCode::BasisDoesNotFit, Some(DECISION), text));
    }
    let limit = hop.settings.dpf_check_max_age_days;
    if is_older(checked_at, limit, hop.at) {
        let text =
            format!("look {name} up in the DPF list: last done on {checked_at}, and dpfCheckMaxAgeDays is {limit}");
        return Fit::Lacks(vec![lacks(basis, MissingCode::DpfCheck, DECISION, text)]);
    }
    Fit::Carries
}
