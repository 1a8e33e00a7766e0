//! Where data goes from an agreement: the hops of its chains.

use std::collections::{BTreeSet, VecDeque};

use landfall_observation::{Jurisdiction, JurisdictionSet};

use super::case::Listed;
use crate::{
    Agreement, AgreementId, Basis, Entity, EntityKind, Instrument, Places, Recipient, Ruleset, Territory,
    territory::{abroad, judged_as, territory},
};

/// Data goes from an exporter to an importer.
#[derive(Debug, Clone)]
pub(super) struct Hop<'a> {
    pub(super) agreement: &'a AgreementId,
    pub(super) terms: &'a Agreement,
    /// The register entry whose hop it is: the importer's on the first hop, else the exporter's.
    pub(super) recipient: &'a str,
    /// Where the text lists the recipient with which the chain begins.
    pub(super) clause: Option<String>,
    /// Names under which the exporter may have concluded contracts.
    pub(super) exporters: Vec<&'a str>,
    pub(super) importer: &'a Entity,
    /// Where it is or has access: its places and its seat.
    pub(super) places: Reach,
    /// Whether somebody's data takes it.
    pub(super) active: bool,
    /// Whether it is the first one out of the EEA.
    pub(super) exit: bool,
}

/// Places outside the EEA, as bases and assessments see them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) beyond: JurisdictionSet,
    /// Some place is not named.
    pub(super) anywhere: bool,
}

/// All hops of the chains that begin with `starts`, each once. What is active is walked first, so that
/// a hop shared with an inactive chain counts as active.
pub(super) fn walk<'a>(ruleset: &'a Ruleset, starts: impl Iterator<Item = Listed<'a>>) -> Vec<Hop<'a>> {
    let mut starts: Vec<_> = starts.collect();
    starts.sort_by_key(|listed| !listed.is_active());
    let mut hops = Vec::new();
    let mut seen = BTreeSet::new();
    for start in starts {
        hops.push(first(&start));
        let mut queue = VecDeque::from([(start.name, start.recipient)]);
        while let Some((name, recipient)) = queue.pop_front() {
            if !seen.insert(name) {
                continue;
            }
            let inside = Reach::of_recipient(recipient).is_empty();
            for onward in recipient.onward.iter().flatten() {
                let mut places = Reach::of([&onward.places]);
                places.add_seat(&onward.entity);
                hops.push(Hop {
                    agreement: start.id,
                    terms: start.agreement,
                    recipient: name,
                    clause: start.clause(),
                    exporters: vec![&recipient.contracting_entity.name, &recipient.legal_entity.name],
                    importer: &onward.entity,
                    exit: inside && !places.is_empty(),
                    places,
                    active: start.is_active(),
                });
                let next = onward.recipient.as_deref().and_then(|next| ruleset.recipients.get_key_value(next));
                queue.extend(next.map(|(name, recipient)| (name.as_str(), recipient)));
            }
        }
    }
    hops
}

fn first<'a>(listed: &Listed<'a>) -> Hop<'a> {
    let Listed { id, agreement, name, recipient, .. } = *listed;
    let Agreement { processor, .. } = agreement;
    let places = Reach::of_recipient(recipient);
    Hop {
        agreement: id,
        terms: agreement,
        recipient: name,
        clause: listed.clause(),
        exporters: vec![&processor.name],
        importer: &recipient.contracting_entity,
        exit: !places.is_empty(),
        places,
        active: listed.is_active(),
    }
}

impl<'a> Hop<'a> {
    /// The places outside the EEA; `None` for those that nobody names.
    pub(super) fn beyond(&self) -> impl Iterator<Item = Option<Jurisdiction>> {
        self.places.beyond.iter().map(Some).chain(self.places.anywhere.then_some(None))
    }

    /// The bases that are about this hop to `place`, in force or not.
    pub(super) fn candidates(&self, ruleset: &'a Ruleset, place: Option<Jurisdiction>) -> Vec<&'a Basis> {
        let about = ruleset.bases.about(&self.importer.name, place);
        let about = about.map(|candidate| candidate.basis);
        let mut found: Vec<_> = about.filter(|basis| self.concerns(basis, place)).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.dedup_by(|a, b| a.name == b.name);
        found
    }

    fn concerns(&self, basis: &Basis, place: Option<Jurisdiction>) -> bool {
        let exporters = basis.exporters.as_ref();
        let covers = |all: &JurisdictionSet| place.is_some_and(|place| all.contains(place));
        exporters.is_none_or(|all| self.exporters.iter().any(|name| all.contains(*name)))
            && basis.countries.as_ref().is_none_or(covers)
    }

    /// Whether the importer is in the scope of a decision that is limited to some.
    pub(super) fn in_scope(&self, basis: &Basis) -> bool {
        match &basis.instrument {
            Instrument::Adequacy { regime: Some(regime), .. } => self.importer.regimes.get(regime) == Some(&true),
            _ => true,
        }
    }
}

impl Reach {
    pub(super) fn of<'p>(places: impl IntoIterator<Item = &'p Places>) -> Self {
        let mut reach = Self::default();
        for places in places {
            match places {
                Places::Only(places) => reach.beyond.extend(abroad(*places)),
                Places::Anywhere => reach.anywhere = true,
            }
        }
        reach
    }

    /// Where a recipient's endpoints process, store and give access.
    pub(super) fn of_endpoints(recipient: &Recipient) -> Self {
        Self::of(recipient.endpoints.values().flat_map(|entry| {
            [Some(&entry.processing), entry.storage.as_ref(), entry.access.as_ref()].into_iter().flatten()
        }))
    }

    /// The same with the seat: an entity in a third country is an importer there whatever region it
    /// uses (EDPB Guidelines 05/2021, third criterion).
    pub(super) fn of_recipient(recipient: &Recipient) -> Self {
        let mut reach = Self::of_endpoints(recipient);
        reach.add_seat(&recipient.contracting_entity);
        reach
    }

    fn add_seat(&mut self, entity: &Entity) {
        // Chapter V applies to an international organisation wherever it is (Art. 44 GDPR).
        let seat = if entity.kind == EntityKind::InternationalOrganisation {
            Some(judged_as(entity.seat))
        } else {
            outside(entity.seat)
        };
        self.beyond.extend(seat);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.beyond.extend(other.beyond);
        self.anywhere |= other.anywhere;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.beyond.is_empty() && !self.anywhere
    }
}

impl std::fmt::Display for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = self.beyond.iter().map(|place| place.to_string());
        write!(f, "{}", super::case::list(named.chain(self.anywhere.then(|| "places that nobody names".to_owned()))))
    }
}

/// A territory outside the EEA; what a person must decide counts as outside.
fn outside(place: Jurisdiction) -> Option<Jurisdiction> {
    (territory(place) != Territory::Eea).then(|| judged_as(place))
}
