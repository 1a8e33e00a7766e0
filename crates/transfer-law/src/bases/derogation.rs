//! Derogations for specific situations (Art. 49 GDPR; DPV `eu-gdpr:A49-1-a` … `A49-2`; EDPB
//! Guidelines 2/2018).
//!
//! They are exceptions, to be read narrowly: never for what a machine does again and again (so the
//! Irish authority against Meta, 12 May 2023). One carries only while a person approved it, it has
//! an end, and no more connections are seen than it allows.

use super::{Fit, Hop, fails, lacks, unfit};
use crate::{
    Basis, DerogationGround, EntityKind, Instrument, Sentence,
    verdict::{MissingCode, Reason, ReasonCode},
};

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

pub(super) fn fit<'a>(basis: &'a Basis, hop: &Hop<'a>) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let Instrument::Derogation { ground, approval, max_occurrences: limit, informed } = &basis.instrument else {
        return Err(unfit(basis));
    };
    let (name, article) = (&basis.name, article(*ground));
    let limit = *limit;
    let occurrences = hop.occurrences.max(1);
    if limit.is_none_or(|limit| occurrences > u64::from(limit)) {
        let says = Sentence::Recurring { basis: name, occurrences, limit };
        return Err(fails(basis, ReasonCode::Recurring, article, says));
    }
    let not_for_authorities = matches!(
        ground,
        DerogationGround::ExplicitConsent
            | DerogationGround::Contract
            | DerogationGround::ContractInInterest
            | DerogationGround::CompellingInterests
    );
    if not_for_authorities && hop.exporter.kind == EntityKind::PublicBody {
        let says = Sentence::NotForPublicBodies { basis: name };
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, "Art. 49(3) GDPR", says));
    }
    let mut missing = Vec::new();
    if !hop.moment.has_come(approval.as_ref().map(|approval| approval.on)) {
        missing.push(lacks(basis, MissingCode::Approval, article, Sentence::ApproveDerogation { basis: name }));
    }
    if basis.validity.until.is_none() {
        missing.push(lacks(basis, MissingCode::Expiry, article, Sentence::LimitDerogation { basis: name }));
    }
    if *ground == DerogationGround::CompellingInterests && !informed {
        let says = Sentence::InformAboutDerogation { basis: name };
        missing.push(lacks(basis, MissingCode::Information, article, says));
    }
    Ok(Fit::unless(missing))
}
