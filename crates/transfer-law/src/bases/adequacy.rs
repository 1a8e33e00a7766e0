//! Adequacy decisions for a country (Art. 45(3) GDPR; DPV `eu-gdpr:A45-3`).
//!
//! The scope of a decision (its country, and the entities where it is limited to some) is matched
//! before; a decision that is in force and matches needs nothing more: no authorisation
//! (Art. 45(1)) and no impact assessment.

use super::Fit;

pub(super) const DECISION: &str = "Art. 45(3) GDPR";

pub(super) fn assess() -> Fit {
    Fit::Carries
}
