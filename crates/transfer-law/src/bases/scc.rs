//! Standard contractual clauses (Art. 46(2)(c), (d) GDPR; DPV `eu-gdpr:A46-2-c`, `A46-2-d`).
//!
//! The module must fit the roles. The exporters watched here are processors: towards one that
//! processes on their behalf it is module 3 (processor to processor), towards the controller
//! module 4. The appendix asks for Annexes I to III, with module 4 for Annex I; clause 14 for an
//! impact assessment, but for a processor that returns the controller's own data and nothing else.
//!
//! Clauses rest on the act that adopted them. After the old sets (2001/497/EC, 2004/915/EC, 2010/87/EU) were repealed,
//! contracts concluded earlier remained valid for a transition period, now over (Art. 4(2) to (4) of (EU) 2021/914).

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{
    Hop, Misfit, Role,
    needs::{Need, Needs, dated},
};
use crate::{Instrument, moment::Moment, ruleset::Candidate};

/// The regime of an importer that is itself under the GDPR: the clauses are not meant for it, and no
/// others were adopted.
const UNION_LAW: &str = "GDPR";

pub(super) const CLAUSES: &str = "Art. 46(2)(c) GDPR, (EU) 2021/914";
pub(super) const UNION_LAW_APPLIES: &str = "(EU) 2021/914 recital 7, Art. 3(2) GDPR";

impl Role {
    /// The module for an exporter that is a processor.
    pub(crate) fn module(self) -> u8 {
        match self {
            Self::Processor => 3,
            Self::Controller => 4,
        }
    }
}

pub(super) fn misfit<'a>(candidate: Candidate<'a>, modules: &'a BTreeSet<u8>, hop: &Hop<'a>) -> Option<Misfit<'a>> {
    let module = hop.role.module();
    if !modules.contains(&module) {
        return Some(Misfit::Module { needed: module, agreed: modules });
    }
    if hop.importer.regimes.get(UNION_LAW) == Some(&true) {
        return Some(Misfit::ImporterUnderGdpr);
    }
    match candidate.act.map(|act| &act.instrument) {
        Some(Instrument::ClauseSet { decision, modules, .. }) if !modules.contains(&module) => {
            Some(Misfit::ModuleNotOffered { decision, module })
        }
        _ => None,
    }
}

pub(super) fn needs(signed: Option<Date>, annexes_complete: bool, moment: &mut Moment) -> Needs {
    [dated(signed, moment, Need::Signature), (!annexes_complete).then_some(Need::Annexes), None, None]
}
