//! Codes of conduct (Art. 46(2)(e) GDPR; EDPB Guidelines 04/2021), certifications (Art. 46(2)(f);
//! EDPB Guidelines 07/2022) and clauses of the parties' own (Art. 46(3)(a)).
//!
//! A code needs approval and general validity, a certification its certificate, both the importer's
//! binding and enforceable commitments; own clauses need the authorisation of the supervisory
//! authority (Art. 46(3), 63). All need an impact assessment.

use jiff::civil::Date;

use super::{Fit, Hop, article, assessment, lacks};
use crate::{
    Basis, Place, Sentence,
    verdict::{MissingCode, Reason},
};

pub(super) const CODE: &str = "Art. 46(2)(e), 40 GDPR";
pub(super) const CERTIFICATION: &str = "Art. 46(2)(f), 42 GDPR";
pub(super) const AD_HOC: &str = "Art. 46(3)(a) GDPR";

pub(super) fn fit<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    recognised: Option<Date>,
    commitments: bool,
) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let (name, article) = (&basis.name, article(&basis.instrument));
    let mut missing = Vec::new();
    if !hop.moment.has_come(recognised) {
        missing.push(lacks(basis, MissingCode::Approval, article, Sentence::GetApproval { basis: name }));
    }
    if !commitments {
        let says = Sentence::GetCommitments { basis: name };
        missing.push(lacks(basis, MissingCode::BindingCommitments, article, says));
    }
    missing.extend(assessment::check(basis, hop, place, basis.instrument.assessment())?);
    Ok(Fit::unless(missing))
}

pub(super) fn ad_hoc<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    authorised: Option<Date>,
) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let mut missing = Vec::new();
    if !hop.moment.has_come(authorised) {
        let says = Sentence::GetAuthorisation { basis: &basis.name };
        missing.push(lacks(basis, MissingCode::Authorisation, AD_HOC, says));
    }
    missing.extend(assessment::check(basis, hop, place, basis.instrument.assessment())?);
    Ok(Fit::unless(missing))
}
