//! Adequacy decisions (Art. 45(3) GDPR; DPV `eu-gdpr:A45-3`).
//!
//! A decision that is in force and whose country matches needs no authorisation (Art. 45(1)) and no
//! impact assessment. Some are limited to importers under a law of their country (Canada: PIPEDA;
//! Japan: APPI with the Supplementary Rules; Brazil: LGPD): whether this importer is one is a fact
//! that somebody must state.

use super::{Fit, Hop, fails, lacks};
use crate::{
    Basis, Sentence,
    verdict::{MissingCode, Reason, ReasonCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR";

pub(super) fn fit<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    decision: &'a str,
    regime: Option<&'a str>,
) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let Some(regime) = regime else { return Ok(Fit::CARRIES) };
    let importer = &hop.importer.name;
    match hop.importer.regimes.get(regime) {
        Some(true) => Ok(Fit::CARRIES),
        Some(false) => {
            let says = Sentence::OutOfScope { decision, regime, importer };
            Err(fails(basis, ReasonCode::BasisDoesNotFit, DECISION, says))
        }
        None => {
            let says = Sentence::ConfirmScope { decision, regime, importer };
            Ok(Fit::Lacks(vec![lacks(basis, MissingCode::ScopeConfirmation, DECISION, says)]))
        }
    }
}
