//! The input of every rule, and its findings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{
    Object,
    reach::{Given, Hop, walk},
};
use crate::{
    Activation, Agreement, AgreementId, Basis, Citation, Engagement, Interpretation, Obligation, Place, Recipient,
    Ruleset, Statement, Subject,
    bases::{Misfit, misfit, validity},
    moment::{self, Moment},
    ruleset::Candidate,
};

/// A ruleset at an instant, with the recipients and hops of its agreements.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) at: Timestamp,
    /// The engagements of all agreements that have not ended.
    pub(super) listed: Vec<Listed<'a>>,
    /// Every hop of their chains.
    pub(super) hops: Vec<Hop<'a>>,
}

/// An entry of Annex 3 with the facts about its recipient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) id: &'a AgreementId,
    pub(super) agreement: &'a Agreement,
    pub(super) name: &'a str,
    pub(super) engagement: &'a Engagement,
    pub(super) recipient: &'a Recipient,
}

/// A finding, before its rule adds id, severity and action.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) object: Object,
    pub(super) agreement: Option<AgreementId>,
    pub(super) clause: Option<Citation>,
    pub(super) text: String,
    /// See [`super::Rule::milder`].
    pub(super) mild: bool,
}

impl<'a> Case<'a> {
    pub(super) fn new(ruleset: &'a Ruleset, at: Timestamp) -> Self {
        let listed: Vec<_> = ruleset
            .agreements
            .iter()
            .flat_map(|(id, agreement)| {
                agreement.engagements.iter().map(move |(name, listed)| (id, agreement, name, listed))
            })
            .filter(|(.., engagement)| engagement.ended(&mut Moment::new(at)).is_none())
            .filter_map(|(id, agreement, name, engagement)| {
                let recipient = ruleset.recipients.get(name)?;
                Some(Listed { id, agreement, name, engagement, recipient })
            })
            .collect();
        let hops = ruleset
            .agreements
            .keys()
            .flat_map(|id| walk(ruleset, listed.iter().filter(move |listed| listed.id == id).copied()))
            .collect();
        Self { ruleset, at, listed, hops }
    }

    /// The instant, for questions about bases; how long an answer holds is not relevant for lint.
    pub(super) fn moment(&self) -> Moment {
        Moment::new(self.at)
    }

    /// The agreements.
    pub(super) fn agreements(&self) -> impl Iterator<Item = (&'a AgreementId, &'a Agreement)> {
        self.ruleset.agreements.iter()
    }

    /// The claims of all texts.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&'a AgreementId, &'a Agreement, &'a Statement)> {
        self.agreements()
            .flat_map(|(id, agreement)| agreement.text.statements.iter().map(move |claim| (id, agreement, claim)))
    }

    /// The entry of Annex 3 that a claim of an agreement is about.
    pub(super) fn about(&self, id: &AgreementId, statement: &Statement) -> Option<&Listed<'a>> {
        let Subject::Recipient(name) = &statement.subject else { return None };
        self.listed.iter().find(|listed| listed.id == id && listed.name == name)
    }

    /// The interpretation settings of the agreements that use a basis; those of all agreements if none does.
    pub(super) fn readings(&self, basis: &Basis) -> Vec<&'a Interpretation> {
        let users: Vec<_> = self
            .uses()
            .filter(|(_, _, candidate)| candidate.basis.name == basis.name)
            .map(|(hop, ..)| &hop.terms.interpretation)
            .collect();
        if users.is_empty() {
            self.agreements().map(|(_, agreement)| &agreement.interpretation).collect()
        } else {
            users
        }
    }

    /// The hops of all chains with each place that needs a basis, and the bases that concern them.
    pub(super) fn uses(&self) -> impl Iterator<Item = (&Hop<'a>, Place, Candidate<'a>)> {
        self.hops.iter().flat_map(move |hop| {
            hop.stops().flat_map(move |place| {
                hop.candidates(self.ruleset, place).into_iter().map(move |candidate| (hop, place, candidate))
            })
        })
    }

    /// The unended bases that do not fit a hop that they concern.
    pub(super) fn misfits(&self) -> impl Iterator<Item = (&Hop<'a>, &'a Basis, Misfit<'a>)> {
        self.uses().filter(|(_, _, candidate)| !self.has_ended(*candidate)).flat_map(move |(hop, _, candidate)| {
            let judged = hop.judged(self.ruleset);
            let misfits: Vec<_> = judged.iter().filter_map(|hop| misfit(candidate, hop)).collect();
            misfits.into_iter().map(move |misfit| (hop, candidate.basis, misfit))
        })
    }

    /// Whether a basis has ended.
    pub(super) fn has_ended(&self, candidate: Candidate<'a>) -> bool {
        validity::check(candidate, &mut self.moment()).is_err_and(|invalid| invalid.has_ended())
    }

    /// Whether a basis, and the act on which it rests, is in force.
    pub(super) fn in_force(&self, candidate: Candidate<'a>) -> bool {
        validity::check(candidate, &mut self.moment()).is_ok()
    }

    /// The bases that have not ended; what an ended one lacks is irrelevant.
    pub(super) fn unended(&self) -> impl Iterator<Item = Candidate<'a>> {
        self.ruleset.bases.candidates().filter(|candidate| !self.has_ended(*candidate))
    }

    /// The names of the bases that concern a hop.
    pub(super) fn bases_in_use(&self) -> BTreeSet<&'a str> {
        self.uses().map(|(_, _, candidate)| candidate.basis.name.as_str()).collect()
    }

    /// Whether `date` has not begun in any time zone.
    pub(super) fn is_ahead(&self, date: Date) -> bool {
        let first_zone = jiff::SignedDuration::from_hours(14);
        moment::start(date).is_none_or(|start| start.duration_since(self.at) > first_zone)
    }
}

impl<'a> Listed<'a> {
    /// Whether it is active for any controller.
    pub(super) fn is_active(&self) -> bool {
        match &self.engagement.activation {
            Activation::Default => true,
            Activation::Optional { active } => *active,
            Activation::PerTenant { tenants } => !tenants.is_empty(),
        }
    }

    /// Where the text lists it.
    pub(super) fn clause(&self) -> Option<&'a Citation> {
        self.engagement.clause.as_ref().or_else(|| self.agreement.clause(Obligation::SubList))
    }

    /// The data that it is given.
    pub(super) fn given(&self) -> Given<'a> {
        let data_subjects = self.recipient.data_subjects.as_ref().unwrap_or(&self.agreement.data_subjects);
        Given { categories: &self.recipient.categories, data_subjects }
    }

    /// The names of its companies.
    pub(super) fn entities(&self) -> [&'a str; 2] {
        [&self.recipient.legal_entity.name, &self.recipient.contracting_entity.name]
    }
}

impl Found {
    fn new(kind: &str, name: &str, text: String) -> Self {
        let object = Object { kind: kind.to_owned(), name: name.to_owned() };
        Self { object, agreement: None, clause: None, text, mild: false }
    }

    /// To be corrected in the agreement.
    pub(super) fn agreement(id: &AgreementId, clause: Option<&Citation>, text: String) -> Self {
        let found = Self::new("ProcessingAgreement", &id.to_string(), text);
        Self { agreement: Some(id.clone()), clause: clause.cloned(), ..found }
    }

    /// To be corrected for a recipient `listed` in an agreement.
    pub(super) fn listed(listed: &Listed<'_>, clause: Option<&Citation>, text: String) -> Self {
        let found = Self::new("Recipient", listed.name, text);
        Self { agreement: Some(listed.id.clone()), clause: clause.cloned(), ..found }
    }

    /// To be corrected in the facts about a recipient.
    pub(super) fn recipient(name: &str, text: String) -> Self {
        Self::new("Recipient", name, text)
    }

    /// To be corrected in a basis.
    pub(super) fn basis(basis: &Basis, text: String) -> Self {
        Self::new("TransferBasis", &basis.name, text)
    }

    /// To be corrected in an assessment.
    pub(super) fn assessment(name: &str, text: String) -> Self {
        Self::new("TransferImpactAssessment", name, text)
    }

    /// To be corrected in a development.
    pub(super) fn development(name: &str, text: String) -> Self {
        Self::new("LegalDevelopment", name, text)
    }

    /// About the register as a whole.
    pub(super) fn register(text: String) -> Self {
        Self::new("Register", "", text)
    }

    /// Cites where the agreement lists the recipient that leads to the hop.
    pub(super) fn cited(self, hop: &Hop<'_>) -> Self {
        Self { agreement: Some(hop.agreement.clone()), clause: hop.clause.cloned(), ..self }
    }

    /// The milder case of the rule, if `mild`.
    pub(super) fn mild(self, mild: bool) -> Self {
        Self { mild, ..self }
    }
}

/// Equal findings of several chains as one, with all their citations.
pub(super) fn merged(found: impl IntoIterator<Item = Found>) -> Vec<Found> {
    let mut merged: BTreeMap<_, (Found, Vec<Citation>)> = BTreeMap::new();
    for found in found {
        let key = (found.object.clone(), found.agreement.clone(), found.text.clone());
        let clause = found.clause.clone();
        let (_, clauses) = merged.entry(key).or_insert_with(|| (found, Vec::new()));
        clauses.extend(clause.filter(|clause| !clauses.contains(clause)));
    }
    let cited = merged.into_values().map(|(found, clauses)| Found { clause: Citation::joined(&clauses), ..found });
    cited.collect()
}

/// Items separated by commas.
pub(super) fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
