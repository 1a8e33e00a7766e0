//! Orders of courts and authorities of third countries (Art. 48 GDPR; EDPB Guidelines 02/2024).
//!
//! Art. 48 lets an order be recognised only by an international agreement; that makes no transfer
//! lawful by itself: a ground of Chapter V is needed besides. Where the agreement itself holds
//! appropriate safeguards it is one (Art. 46(2)(a)).

use super::{Fit, fails};
use crate::{
    Basis, Sentence,
    verdict::{Reason, ReasonCode},
};

pub(super) const ORDER: &str = "Art. 48 GDPR, EDPB Guidelines 02/2024";

pub(super) fn fit<'a>(basis: &'a Basis, treaty: Option<&'a str>, safeguards: bool) -> Result<Fit<'a>, Box<Reason<'a>>> {
    let name = &basis.name;
    match treaty {
        Some(_) if safeguards => Ok(Fit::CARRIES),
        Some(treaty) => {
            let says = Sentence::TreatyWithoutSafeguards { basis: name, treaty };
            Err(fails(basis, ReasonCode::BasisDoesNotFit, ORDER, says))
        }
        None => {
            let says = Sentence::OrderWithoutTreaty { basis: name };
            Err(fails(basis, ReasonCode::BasisDoesNotFit, ORDER, says))
        }
    }
}
