//! What an instrument lacks irrespective of the hop: signature, annexes, approval, limits.

use jiff::civil::Date;

use super::{bcr, code, derogation, fails, lacks, order, public, scc};
use crate::{
    Basis, Instrument, Sentence,
    moment::Moment,
    verdict::{Missing, MissingCode, Reason, ReasonCode},
};

/// Something without which an instrument is incomplete. A date, if there is one, lies in the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The parties' signature.
    Signature(Option<Date>),
    /// The annexes of standard clauses.
    Annexes,
    /// The approval of the competent authority.
    Approval(Option<Date>),
    /// The certificate.
    Certificate(Option<Date>),
    /// The importer's binding and enforceable commitments.
    Commitments,
    /// The authorisation of the supervisory authority (Art. 46(3) GDPR).
    Authorisation(Option<Date>),
    /// An international agreement on which an order rests (Art. 48 GDPR).
    Treaty,
    /// Safeguards in that agreement (Art. 46(2)(a) GDPR).
    TreatySafeguards,
    /// The decision of a person to use a derogation.
    PersonalDecision(Option<Date>),
    /// A number of uses to which a derogation is limited.
    Limit,
    /// An end of a derogation.
    Expiry,
    /// That authority and data subjects are informed (Art. 49(1) second subparagraph GDPR).
    Information,
}

/// The most that one instrument can lack at once.
pub(super) type Needs = [Option<Need>; 4];

/// What `basis` lacks at `moment`.
pub(crate) fn unmet(basis: &Basis, moment: &mut Moment) -> impl Iterator<Item = Need> + use<> {
    let needs = match &basis.instrument {
        Instrument::StandardContractualClauses { signed, annexes_complete, .. } => {
            scc::needs(*signed, *annexes_complete, moment)
        }
        Instrument::BindingCorporateRules { approved, .. } => bcr::needs(*approved, moment),
        Instrument::CodeOfConduct { approved, binding_commitments, .. } => {
            code::needs(dated(*approved, moment, Need::Approval), *binding_commitments)
        }
        Instrument::Certification { certified, binding_commitments, .. } => {
            code::needs(dated(*certified, moment, Need::Certificate), *binding_commitments)
        }
        Instrument::AdHocClauses { authorised, .. } | Instrument::AdministrativeArrangement { authorised, .. } => {
            public::authorised(*authorised, moment)
        }
        Instrument::ForeignOrder { treaty, safeguards } => order::needs(treaty.as_deref(), *safeguards),
        Instrument::Derogation { .. } => derogation::needs(basis, moment),
        Instrument::Adequacy { .. }
        | Instrument::DpfListing { .. }
        | Instrument::ClauseSet { .. }
        | Instrument::PublicInstrument { .. } => [None; 4],
    };
    needs.into_iter().flatten()
}

/// The need of something dated, unless that day has begun.
pub(super) fn dated(date: Option<Date>, moment: &mut Moment, need: fn(Option<Date>) -> Need) -> Option<Need> {
    (!moment.reached_known_day(date)).then(|| need(date))
}

/// The consequence of a need in a judgment: something missing, or a reason why the instrument does not carry.
pub(super) fn judged(basis: &Basis, need: Need, module: u8) -> Result<Missing<'_>, Box<Reason<'_>>> {
    let (name, article) = (&basis.name, super::article(&basis.instrument));
    let (code, says) = match need {
        Need::Signature(_) => (MissingCode::Signature, Sentence::Sign { basis: name.into() }),
        Need::Annexes => (MissingCode::Annexes, Sentence::FillAnnexes { basis: name.into(), module }),
        Need::Approval(_) | Need::Certificate(_) => {
            (MissingCode::Approval, Sentence::GetApproval { basis: name.into() })
        }
        Need::Commitments => (MissingCode::BindingCommitments, Sentence::GetCommitments { basis: name.into() }),
        Need::Authorisation(_) => (MissingCode::Authorisation, Sentence::GetAuthorisation { basis: name.into() }),
        Need::PersonalDecision(_) => (MissingCode::Approval, Sentence::ApproveDerogation { basis: name.into() }),
        Need::Expiry => (MissingCode::Expiry, Sentence::LimitDerogation { basis: name.into() }),
        Need::Information => (MissingCode::Information, Sentence::InformAboutDerogation { basis: name.into() }),
        Need::Treaty => {
            let says = Sentence::OrderWithoutTreaty { basis: name.into() };
            return Err(fails(basis, ReasonCode::BasisDoesNotFit, article, says));
        }
        Need::TreatySafeguards => {
            let Instrument::ForeignOrder { treaty: Some(treaty), .. } = &basis.instrument else {
                return judged(basis, Need::Treaty, module);
            };
            let says = Sentence::TreatyWithoutSafeguards { basis: name.into(), treaty: treaty.into() };
            return Err(fails(basis, ReasonCode::BasisDoesNotFit, article, says));
        }
        Need::Limit => return Err(derogation::recurring(basis, 1, None)),
    };
    Ok(lacks(basis, code, article, says))
}
