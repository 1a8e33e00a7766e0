//! Instruments between public bodies: binding ones (Art. 46(2)(a) GDPR; DPV `eu-gdpr:A46-2-a`) and
//! administrative arrangements with authorisation (Art. 46(3)(b); `A46-3-b`).

use jiff::civil::Date;

use super::{Fit, Hop, article, assessment, fails, is_after, lacks};
use crate::{
    Basis, EntityKind, Place, Sentence,
    verdict::{MissingCode, Reason, ReasonCode},
};

pub(super) const INSTRUMENT: &str = "Art. 46(2)(a) GDPR";
pub(super) const ARRANGEMENT: &str = "Art. 46(3)(b) GDPR";

/// `authorised`: the date of the authorisation, where one is needed.
pub(super) fn fit<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    authorised: Option<Option<Date>>,
) -> Result<Fit<'a>, Reason<'a>> {
    let article = article(&basis.instrument);
    let is_public = |kind| matches!(kind, EntityKind::PublicBody | EntityKind::InternationalOrganisation);
    if !is_public(hop.exporter.kind) || !is_public(hop.importer.kind) {
        let says = Sentence::PublicBodiesOnly { basis: &basis.name };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, article, says));
    }
    let mut missing = Vec::new();
    if authorised.is_some_and(|date| date.is_none_or(|date| is_after(date, hop.at))) {
        let says = Sentence::GetAuthorisation { basis: &basis.name };
        missing.push(lacks(basis, MissingCode::Authorisation, article, says));
    }
    missing.extend(assessment::check(basis, hop, place, basis.instrument.assessment())?);
    Ok(Fit::unless(missing))
}
