//! Binding corporate rules (Art. 46(2)(b), 47 GDPR; DPV `eu-gdpr:A46-2-b`).
//!
//! They bind the members of one group. Those for a group's own data (BCR-C) do not cover data that
//! the group processes for others; for that there are those for processors (BCR-P). They need the
//! approval of the competent supervisory authority and, as every safeguard of Art. 46, an impact
//! assessment.

use jiff::civil::Date;

use super::{
    Misfit,
    needs::{Need, Needs, dated},
};
use crate::{BcrVariant, moment::Moment};

pub(super) const RULES: &str = "Art. 46(2)(b), 47 GDPR";

pub(super) fn misfit(variant: BcrVariant) -> Option<Misfit<'static>> {
    (variant == BcrVariant::Controller).then_some(Misfit::OwnDataOnly)
}

pub(super) fn needs(approved: Option<Date>, moment: &mut Moment) -> Needs {
    [dated(approved, moment, Need::Approval), None, None, None]
}
