//! Orders of courts and authorities of third countries (Art. 48 GDPR; EDPB Guidelines 02/2024).
//!
//! Under Art. 48 an order can be recognised only if it is based on an international agreement. That alone makes no
//! transfer lawful: a ground of Chapter V is needed as well. An agreement that contains appropriate safeguards is such
//! a ground (Art. 46(2)(a)).

use super::needs::{Need, Needs};

pub(super) const ORDER: &str = "Art. 48 GDPR, EDPB Guidelines 02/2024";

pub(super) fn needs(treaty: Option<&str>, safeguards: bool) -> Needs {
    [treaty.is_none().then_some(Need::Treaty), (!safeguards).then_some(Need::TreatySafeguards), None, None]
}
