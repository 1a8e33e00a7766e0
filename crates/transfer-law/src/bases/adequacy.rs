//! Adequacy decisions (Art. 45(3) GDPR; DPV `eu-gdpr:A45-3`).
//!
//! A decision that is in force and whose country matches needs no authorisation (Art. 45(1)) and no
//! impact assessment. Some are limited to importers under a law of their country (Canada: PIPEDA;
//! Japan: APPI with the Supplementary Rules; Brazil: LGPD): whether this importer is one is a fact
//! that somebody must state.

use super::{Hop, Misfit, lacks};
use crate::{
    Basis, Entity, Instrument, Sentence,
    verdict::{Missing, MissingCode},
};

pub(super) const DECISION: &str = "Art. 45(3) GDPR";

/// Whether `importer` is within the scope of a decision, if that is limited to those under a law: nobody may have
/// stated whether it is one.
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

/// That nobody stated yet whether the importer is under the law to which the decision is limited.
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
