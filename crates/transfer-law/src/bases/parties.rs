//! Whether these parties can use an instrument for these data subjects.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Hop, adequacy, bcr, derogation, dpf, fails, public, scc};
use crate::{
    Instrument, Sentence, Setting,
    ruleset::Candidate,
    verdict::{Reason, ReasonCode},
};

/// Why an instrument does not fit a hop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Misfit<'a> {
    /// Clauses of another module than these roles need.
    Module {
        /// What they need.
        needed: u8,
        /// What was agreed.
        agreed: &'a BTreeSet<u8>,
    },
    /// Clauses with an importer that is itself under the GDPR.
    ImporterUnderGdpr,
    /// Clauses of a module that their act does not have.
    ModuleNotOffered {
        /// Number of the act.
        decision: &'a str,
        /// The module.
        module: u8,
    },
    /// Binding corporate rules for the group's own data.
    OwnDataOnly,
    /// An instrument between public bodies, where a party is none.
    NotBetweenPublicBodies,
    /// A derogation that public authorities may not use in the exercise of their powers.
    NotForPublicBodies,
    /// A derogation used more often than it allows.
    Recurring {
        /// How often it was used.
        occurrences: u64,
        /// How often it may be.
        limit: u32,
    },
    /// A decision for those under a law to which the importer is stated not to be subject.
    OutOfScope {
        /// Number of the decision.
        decision: &'a str,
        /// The law.
        regime: &'a str,
    },
    /// A listing that covers HR data alone.
    HrDataOnly {
        /// The reading that decided, where one did.
        reading: Option<Setting>,
    },
}

/// Why the instrument does not fit `hop`; `None` if it does.
pub(crate) fn misfit<'a>(candidate: Candidate<'a>, hop: &Hop<'a>) -> Option<Misfit<'a>> {
    match &candidate.basis.instrument {
        Instrument::StandardContractualClauses { modules, .. } => scc::misfit(candidate, modules, hop),
        Instrument::BindingCorporateRules { variant, .. } => bcr::misfit(*variant),
        Instrument::AdministrativeArrangement { .. } | Instrument::PublicInstrument { .. } => public::misfit(hop),
        Instrument::Derogation { ground, max_occurrences, .. } => derogation::misfit(*ground, *max_occurrences, hop),
        Instrument::Adequacy { .. } => adequacy::misfit(candidate.basis, hop),
        Instrument::DpfListing { data_types, .. } => dpf::misfit(data_types, hop),
        Instrument::CodeOfConduct { .. }
        | Instrument::Certification { .. }
        | Instrument::AdHocClauses { .. }
        | Instrument::ForeignOrder { .. }
        | Instrument::ClauseSet { .. } => None,
    }
}

/// The misfit as the reason of a judgment.
pub(super) fn reason<'a>(candidate: Candidate<'a>, misfit: Misfit<'a>, hop: &Hop<'a>) -> Box<Reason<'a>> {
    let basis = candidate.basis;
    let (name, article) = (&basis.name, super::article(&basis.instrument));
    let importer = &hop.importer.name;
    let (article, says) = match misfit {
        Misfit::Module { needed, agreed } => {
            (article, Sentence::WrongModule { basis: name.into(), needed, agreed: Cow::Borrowed(agreed) })
        }
        Misfit::ImporterUnderGdpr => {
            (scc::UNION_LAW_APPLIES, Sentence::ImporterUnderGdpr { basis: name.into(), importer: importer.into() })
        }
        Misfit::ModuleNotOffered { decision, module } => {
            (article, Sentence::ModuleNotOffered { basis: name.into(), decision: decision.into(), module })
        }
        Misfit::OwnDataOnly => (article, Sentence::WrongBcr { basis: name.into() }),
        Misfit::NotBetweenPublicBodies => (article, Sentence::PublicBodiesOnly { basis: name.into() }),
        Misfit::NotForPublicBodies => {
            (derogation::NOT_FOR_AUTHORITIES, Sentence::NotForPublicBodies { basis: name.into() })
        }
        Misfit::Recurring { occurrences, limit } => return derogation::recurring(basis, occurrences, Some(limit)),
        Misfit::OutOfScope { decision, regime } => (
            article,
            Sentence::OutOfScope { decision: decision.into(), regime: regime.into(), importer: importer.into() },
        ),
        Misfit::HrDataOnly { reading } => {
            let mut reason =
                fails(basis, ReasonCode::BasisDoesNotFit, article, Sentence::DpfHrOnly { basis: name.into() });
            reason.ground.setting = reading;
            return reason;
        }
    };
    fails(basis, ReasonCode::BasisDoesNotFit, article, says)
}
