//! Instruments between public bodies: binding ones (Art. 46(2)(a) GDPR; DPV `eu-gdpr:A46-2-a`) and
//! administrative arrangements with authorisation (Art. 46(3)(b); `A46-3-b`).

use super::{Fit, Hop, article, assessment, fails, lacks};
use crate::{
    Basis, EntityKind, Instrument, Place, Sentence,
    verdict::{MissingCode, Reason, ReasonCode},
};

pub(super) const INSTRUMENT: &str = "Art. 46(2)(a) GDPR";
pub(super) const ARRANGEMENT: &str = "Art. 46(3)(b) GDPR";

pub(super) fn fit<'a>(basis: &'a Basis, hop: &Hop<'a>, place: Place) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let article = article(&basis.instrument);
    let is_public = |kind| matches!(kind, EntityKind::PublicBody | EntityKind::InternationalOrganisation);
    if !is_public(hop.exporter.kind) || !is_public(hop.importer.kind) {
        let says = Sentence::PublicBodiesOnly { basis: &basis.name };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, article, says));
    }
    let mut missing = Vec::new();
    if let Instrument::AdministrativeArrangement { authorised, .. } = &basis.instrument
        && !hop.moment.has_come(*authorised)
    {
        let says = Sentence::GetAuthorisation { basis: &basis.name };
        missing.push(lacks(basis, MissingCode::Authorisation, article, says));
    }
    missing.extend(assessment::check(basis, hop, place, basis.instrument.assessment())?);
    Ok(Fit::unless(missing))
}
