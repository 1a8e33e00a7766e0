//! Orders of courts and authorities of third countries (Art. 48 GDPR; EDPB Guidelines 02/2024).
//!
//! Art. 48 lets an order be recognised only by an international agreement; that makes no transfer
//! lawful by itself: a ground of Chapter V is needed besides. Where the agreement itself holds
//! appropriate safeguards it is one (Art. 46(2)(a)).

use super::needs::{Need, Needs};

pub(super) const ORDER: &str = "Art. 48 GDPR, EDPB Guidelines 02/2024";

pub(super) fn needs(treaty: Option<&str>, safeguards: bool) -> Needs {
    [treaty.is_none().then_some(Need::Treaty), (!safeguards).then_some(Need::TreatySafeguards), None, None]
}
