//! Adequacy decisions (Art. 45(3) GDPR; DPV `eu-gdpr:A45-3`).
//!
//! A decision that is in force and whose country matches needs no authorisation (Art. 45(1)) and no
//! impact assessment. Some are limited to importers under a law of their country (Canada: PIPEDA;
//! Japan: APPI with the Supplementary Rules; Brazil: LGPD): whether this importer is subject to it is
//! a fact that must be registered.

use super::{Hop, Misfit, lacks};
use crate::{
    Basis, Entity, Instrument, Sentence,
    verdict::{Missing, MissingCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR";

/// Whether `importer` is within the scope of a decision that is limited to importers under a law; `None` if that is not
/// registered.
pub(crate) fn is_in_scope(basis: &Basis, importer: &Entity) -> Option<bool> {
    match &basis.instrument {
        Instrument::Adequacy { regime: Some(regime), .. } => importer.regimes.get(regime).copied(),
        _ => Some(true),
    }
}

pub(super) fn misfit<'a>(basis: &'a Basis, hop: &Hop<'a>) -> Option<Misfit<'a>> {
    let Instrument::Adequacy { decision, regime: Some(regime), .. } = &basis.instrument else { return None };
    (is_in_scope(basis, hop.importer) == Some(false)).then_some(Misfit::OutOfScope { decision, regime })
}

/// What is missing if it is not registered whether the importer is subject to the law of the decision.
pub(super) fn unconfirmed<'a>(basis: &'a Basis, hop: &Hop<'a>) -> Option<Missing<'a>> {
    let Instrument::Adequacy { decision, regime: Some(regime), .. } = &basis.instrument else { return None };
    is_in_scope(basis, hop.importer).is_none().then(|| {
        let says = Sentence::ConfirmScope {
            decision: decision.into(),
            regime: regime.into(),
            importer: hop.importer.name.as_str().into(),
        };
        lacks(basis, MissingCode::ScopeConfirmation, DECISION, says)
    })
}
