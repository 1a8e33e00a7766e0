//! Binding corporate rules (Art. 46(2)(b), 47 GDPR; DPV `eu-gdpr:A46-2-b`).
//!
//! They bind the members of one group. Those for a group's own data (BCR-C) do not cover data that
//! the group processes for others; for that there are those for processors (BCR-P). They need the
//! approval of the competent supervisory authority and, as every safeguard of Art. 46, an impact
//! assessment.

use jiff::civil::Date;

use super::{Fit, Hop, assessment, fails, lacks};
use crate::{
    Basis, BcrVariant, Place, Sentence,
    verdict::{MissingCode, Reason, ReasonCode},
};

pub(super) const RULES: &str = "Art. 46(2)(b), 47 GDPR";

pub(super) fn fit<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    variant: BcrVariant,
    approved: Option<Date>,
) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let name = &basis.name;
    if variant == BcrVariant::Controller {
        let says = Sentence::WrongBcr { basis: name };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, RULES, says));
    }
    let mut missing = Vec::new();
    if !hop.moment.has_come(approved) {
        missing.push(lacks(basis, MissingCode::Approval, RULES, Sentence::GetApproval { basis: name }));
    }
    missing.extend(assessment::check(basis, hop, place, basis.instrument.assessment())?);
    Ok(Fit::unless(missing))
}
