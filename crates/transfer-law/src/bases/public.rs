//! Instruments between public bodies: binding ones (Art. 46(2)(a) GDPR; DPV `eu-gdpr:A46-2-a`) and
//! administrative arrangements with authorisation (Art. 46(3)(b); `A46-3-b`).

use jiff::civil::Date;

use super::{
    Hop, Misfit,
    needs::{Need, Needs, dated},
};
use crate::{EntityKind, moment::Moment};

pub(super) const INSTRUMENT: &str = "Art. 46(2)(a) GDPR";
pub(super) const ARRANGEMENT: &str = "Art. 46(3)(b) GDPR";

pub(super) fn misfit(hop: &Hop<'_>) -> Option<Misfit<'static>> {
    let is_public = |kind| matches!(kind, EntityKind::PublicBody | EntityKind::InternationalOrganisation);
    (!is_public(hop.exporter.kind) || !is_public(hop.importer.kind)).then_some(Misfit::NotBetweenPublicBodies)
}

/// What needs the authorisation of Art. 46(3): arrangements of public bodies, and clauses of the parties' own.
pub(super) fn authorised(authorised: Option<Date>, moment: &mut Moment) -> Needs {
    [dated(authorised, moment, Need::Authorisation), None, None, None]
}
