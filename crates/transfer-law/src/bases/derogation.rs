//! Derogations for specific situations (Art. 49 GDPR; DPV `eu-gdpr:A49-1-a` … `A49-2`; EDPB
//! Guidelines 2/2018).
//!
//! They are exceptions, interpreted narrowly: never for automated recurring transfers (Irish supervisory authority,
//! decision on Meta of 12 May 2023). A derogation carries a transfer only if a person approved it, it has an end, and
//! no more connections are seen than it allows.

use super::{
    Hop, Misfit, fails,
    needs::{Need, Needs, dated},
};
use crate::{
    Basis, DerogationGround, EntityKind, Instrument, Sentence,
    moment::Moment,
    verdict::{Reason, ReasonCode},
};

pub(super) const NOT_FOR_AUTHORITIES: &str = "Art. 49(3) GDPR";

pub(super) fn article(ground: DerogationGround) -> &'static str {
    match ground {
        DerogationGround::ExplicitConsent => "Art. 49(1)(a) GDPR",
        DerogationGround::Contract => "Art. 49(1)(b) GDPR",
        DerogationGround::ContractInInterest => "Art. 49(1)(c) GDPR",
        DerogationGround::PublicInterest => "Art. 49(1)(d) GDPR",
        DerogationGround::LegalClaims => "Art. 49(1)(e) GDPR",
        DerogationGround::VitalInterests => "Art. 49(1)(f) GDPR",
        DerogationGround::PublicRegister => "Art. 49(1)(g) GDPR",
        DerogationGround::CompellingInterests => "Art. 49(1) second subparagraph GDPR",
    }
}

/// Whether it is closed to public authorities in the exercise of their powers (Art. 49(3)).
fn is_for_private_parties(ground: DerogationGround) -> bool {
    matches!(
        ground,
        DerogationGround::ExplicitConsent
            | DerogationGround::Contract
            | DerogationGround::ContractInInterest
            | DerogationGround::CompellingInterests
    )
}

/// Whether it is closed to a party of that kind.
pub(crate) fn is_barred(ground: DerogationGround, exporter: EntityKind) -> bool {
    exporter == EntityKind::PublicBody && is_for_private_parties(ground)
}

pub(super) fn misfit(ground: DerogationGround, limit: Option<u32>, hop: &Hop<'_>) -> Option<Misfit<'static>> {
    let occurrences = hop.occurrences.max(1);
    match limit {
        Some(limit) if occurrences > u64::from(limit) => Some(Misfit::Recurring { occurrences, limit }),
        _ => is_barred(ground, hop.exporter.kind).then_some(Misfit::NotForPublicBodies),
    }
}

pub(super) fn needs(basis: &Basis, moment: &mut Moment) -> Needs {
    let Instrument::Derogation { ground, approval, max_occurrences, informed } = &basis.instrument else {
        return [None; 4];
    };
    [
        dated(approval.as_ref().map(|approval| approval.on), moment, Need::PersonalDecision),
        max_occurrences.is_none().then_some(Need::Limit),
        basis.validity.until.is_none().then_some(Need::Expiry),
        (*ground == DerogationGround::CompellingInterests && !informed).then_some(Need::Information),
    ]
}

/// The reason that it does not carry recurring transfers.
pub(super) fn recurring(basis: &Basis, occurrences: u64, limit: Option<u32>) -> Box<Reason<'_>> {
    let says = Sentence::Recurring { basis: basis.name.as_str().into(), occurrences, limit };
    fails(basis, ReasonCode::Recurring, super::article(&basis.instrument), says)
}
