//! What an agreement can oblige its parties to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An obligation that an agreement can lay down. The ids are those of docs/lint.md; none names a period, for every
/// agreement has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Obligation {
    /// Inspections by the controller (Art. 28(3)(h) GDPR).
    #[serde(rename = "AUDIT")]
    Audit,
    /// Inspections by a third party.
    #[serde(rename = "AUDIT-3P")]
    Audit3p,
    /// Confidentiality of the inspectors.
    #[serde(rename = "AUDIT-NDA")]
    AuditNda,
    /// Authorisation to engage sub-processors (Art. 28(2) GDPR).
    #[serde(rename = "AUTH")]
    Auth,
    /// Precedence of the agreement over other contracts.
    #[serde(rename = "AVV-PREC")]
    AvvPrec,
    /// Subject matter, categories and data subjects (Annex 1).
    #[serde(rename = "AVV-SCOPE")]
    AvvScope,
    /// Notification of the supervisory authority (Art. 33(1) GDPR).
    #[serde(rename = "BR-AUTH")]
    BrAuth,
    /// Documentation of breaches (Art. 33(5) GDPR).
    #[serde(rename = "BR-DOC")]
    BrDoc,
    /// First report of a breach (Art. 33(2) GDPR).
    #[serde(rename = "BR-FIRST")]
    BrFirst,
    /// Full report of a breach (Art. 33(2), (3) GDPR).
    #[serde(rename = "BR-FULL")]
    BrFull,
    /// Confidentiality (Art. 28(3)(b) GDPR).
    #[serde(rename = "CONFID")]
    Confid,
    /// The contact for data protection.
    #[serde(rename = "CONTACT")]
    Contact,
    /// Deletion or return at the end (Art. 28(3)(g) GDPR).
    #[serde(rename = "DELETE")]
    Delete,
    /// Help with impact assessments (Art. 35, 36 GDPR).
    #[serde(rename = "DPIA")]
    Dpia,
    /// Requests of data subjects are passed on.
    #[serde(rename = "DSR-FWD")]
    DsrFwd,
    /// Help with the rights of data subjects (Art. 28(3)(e) GDPR).
    #[serde(rename = "DSR-HELP")]
    DsrHelp,
    /// Remuneration.
    #[serde(rename = "FEE")]
    Fee,
    /// Confirmation of instructions in text form.
    #[serde(rename = "INS-CONF")]
    InsConf,
    /// Documented instructions (Art. 28(3)(a) GDPR).
    #[serde(rename = "INS-GIVE")]
    InsGive,
    /// Warning of unlawful instructions (Art. 28(3) second subparagraph GDPR).
    #[serde(rename = "INS-ILLEGAL")]
    InsIllegal,
    /// Instructions that cannot be followed.
    #[serde(rename = "INS-INFEAS")]
    InsInfeas,
    /// Processing that the law compels (Art. 28(3)(a) GDPR).
    #[serde(rename = "INS-LAW")]
    InsLaw,
    /// Documentation of instructions.
    #[serde(rename = "INS-LOG")]
    InsLog,
    /// Notice of errors and irregularities.
    #[serde(rename = "IRREG")]
    Irreg,
    /// Help in proceedings.
    #[serde(rename = "LIT")]
    Lit,
    /// Proof of what Art. 28 GDPR asks for.
    #[serde(rename = "PROOF28")]
    Proof28,
    /// Assessment of a legal change.
    #[serde(rename = "SCH-ASS")]
    SchAss,
    /// Information on a legal change.
    #[serde(rename = "SCH-INF")]
    SchInf,
    /// Termination after a legal change.
    #[serde(rename = "SCH-KUEND")]
    SchKuend,
    /// Measures after a legal change.
    #[serde(rename = "SCH-MEAS")]
    SchMeas,
    /// Transition to alternatives; no basis.
    #[serde(rename = "SCH-TRANS")]
    SchTrans,
    /// Notice of seizure and insolvency.
    #[serde(rename = "SEIZE")]
    Seize,
    /// The same duties for sub-processors (Art. 28(4) GDPR).
    #[serde(rename = "SUB-FLOW")]
    SubFlow,
    /// No use before the objection period has ended.
    #[serde(rename = "SUB-FREEZE")]
    SubFreeze,
    /// The listed sub-processors (Annex 3).
    #[serde(rename = "SUB-LIST")]
    SubList,
    /// Notice of a change of sub-processors (Art. 28(2) GDPR).
    #[serde(rename = "SUB-NOTE")]
    SubNote,
    /// Objection to a change of sub-processors.
    #[serde(rename = "SUB-OBJ")]
    SubObj,
    /// Termination after an objection.
    #[serde(rename = "SUB-TERM")]
    SubTerm,
    /// Help with Art. 32 to 36 GDPR (Art. 28(3)(f)).
    #[serde(rename = "SUPPORT")]
    Support,
    /// Duration.
    #[serde(rename = "TERM")]
    Term,
    /// Technical and organisational measures (Annex 2, Art. 32 GDPR).
    #[serde(rename = "TOM")]
    Tom,
    /// No lower level of protection.
    #[serde(rename = "TOM-RED")]
    TomRed,
    /// Changes of the measures.
    #[serde(rename = "TOM-UPD")]
    TomUpd,
    /// Transfers under Chapter V GDPR alone (Art. 44).
    #[serde(rename = "TRF-GATE")]
    TrfGate,
}

/// The text is not the id of an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of an obligation, such as SUB-LIST")]
pub struct UnknownObligation;

impl Obligation {
    /// All, in the order of their ids.
    pub const ALL: [Self; 44] = [
        Self::Audit,
        Self::Audit3p,
        Self::AuditNda,
        Self::Auth,
        Self::AvvPrec,
        Self::AvvScope,
        Self::BrAuth,
        Self::BrDoc,
        Self::BrFirst,
        Self::BrFull,
        Self::Confid,
        Self::Contact,
        Self::Delete,
        Self::Dpia,
        Self::DsrFwd,
        Self::DsrHelp,
        Self::Fee,
        Self::InsConf,
        Self::InsGive,
        Self::InsIllegal,
        Self::InsInfeas,
        Self::InsLaw,
        Self::InsLog,
        Self::Irreg,
        Self::Lit,
        Self::Proof28,
        Self::SchAss,
        Self::SchInf,
        Self::SchKuend,
        Self::SchMeas,
        Self::SchTrans,
        Self::Seize,
        Self::SubFlow,
        Self::SubFreeze,
        Self::SubList,
        Self::SubNote,
        Self::SubObj,
        Self::SubTerm,
        Self::Support,
        Self::Term,
        Self::Tom,
        Self::TomRed,
        Self::TomUpd,
        Self::TrfGate,
    ];

    /// Its id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "AUDIT",
            Self::Audit3p => "AUDIT-3P",
            Self::AuditNda => "AUDIT-NDA",
            Self::Auth => "AUTH",
            Self::AvvPrec => "AVV-PREC",
            Self::AvvScope => "AVV-SCOPE",
            Self::BrAuth => "BR-AUTH",
            Self::BrDoc => "BR-DOC",
            Self::BrFirst => "BR-FIRST",
            Self::BrFull => "BR-FULL",
            Self::Confid => "CONFID",
            Self::Contact => "CONTACT",
            Self::Delete => "DELETE",
            Self::Dpia => "DPIA",
            Self::DsrFwd => "DSR-FWD",
            Self::DsrHelp => "DSR-HELP",
            Self::Fee => "FEE",
            Self::InsConf => "INS-CONF",
            Self::InsGive => "INS-GIVE",
            Self::InsIllegal => "INS-ILLEGAL",
            Self::InsInfeas => "INS-INFEAS",
            Self::InsLaw => "INS-LAW",
            Self::InsLog => "INS-LOG",
            Self::Irreg => "IRREG",
            Self::Lit => "LIT",
            Self::Proof28 => "PROOF28",
            Self::SchAss => "SCH-ASS",
            Self::SchInf => "SCH-INF",
            Self::SchKuend => "SCH-KUEND",
            Self::SchMeas => "SCH-MEAS",
            Self::SchTrans => "SCH-TRANS",
            Self::Seize => "SEIZE",
            Self::SubFlow => "SUB-FLOW",
            Self::SubFreeze => "SUB-FREEZE",
            Self::SubList => "SUB-LIST",
            Self::SubNote => "SUB-NOTE",
            Self::SubObj => "SUB-OBJ",
            Self::SubTerm => "SUB-TERM",
            Self::Support => "SUPPORT",
            Self::Term => "TERM",
            Self::Tom => "TOM",
            Self::TomRed => "TOM-RED",
            Self::TomUpd => "TOM-UPD",
            Self::TrfGate => "TRF-GATE",
        }
    }
}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Obligation {
    type Err = UnknownObligation;

    fn from_str(text: &str) -> Result<Self, UnknownObligation> {
        Self::ALL.into_iter().find(|obligation| obligation.as_str() == text).ok_or(UnknownObligation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obligation_is_written_as_it_is_read() {
        for obligation in Obligation::ALL {
            assert_eq!(obligation.as_str().parse(), Ok(obligation));
            assert_eq!(serde_json::to_value(obligation).unwrap(), obligation.as_str());
        }
        assert!(Obligation::ALL.map(Obligation::as_str).is_sorted());
        assert_eq!("SUB-LSIT".parse::<Obligation>(), Err(UnknownObligation));
    }
}
