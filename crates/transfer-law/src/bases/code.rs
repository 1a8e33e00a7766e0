//! Codes of conduct (Art. 46(2)(e) GDPR; EDPB Guidelines 04/2021), certifications (Art. 46(2)(f);
//! EDPB Guidelines 07/2022) and clauses of the parties' own (Art. 46(3)(a)).
//!
//! A code needs approval and general validity, a certification its certificate, both the importer's
//! binding and enforceable commitments; own clauses need the authorisation of the supervisory
//! authority (Art. 46(3), 63). All need an impact assessment.

use super::needs::{Need, Needs};

pub(super) const CODE: &str = "Art. 46(2)(e), 40 GDPR";
pub(super) const CERTIFICATION: &str = "Art. 46(2)(f), 42 GDPR";
pub(super) const AD_HOC: &str = "Art. 46(3)(a) GDPR";

/// Of a code or a certification that needs `recognition`.
pub(super) fn needs(recognition: Option<Need>, commitments: bool) -> Needs {
    [recognition, (!commitments).then_some(Need::Commitments), None, None]
}
