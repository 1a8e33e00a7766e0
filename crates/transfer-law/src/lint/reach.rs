//! Where data under an agreement goes: the hops of its chains.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Range,
};

use landfall_observation::DataCategory;

use super::case::{Listed, list};
use crate::{
    Agreement, AgreementId, Citation, Entity, Place, Recipient, Ruleset,
    bases::{self, Role, scope},
    reach::Reach,
    ruleset::Candidate,
};

/// A hop of a chain: data goes from an exporter to an importer.
#[derive(Debug, Clone)]
pub(super) struct Hop<'a> {
    pub(super) agreement: &'a AgreementId,
    pub(super) terms: &'a Agreement,
    /// The register entry to which the hop belongs: the importer's on the first hop, else the exporter's.
    pub(super) recipient: &'a str,
    /// Where the text lists the recipient with which the chain begins.
    pub(super) clause: Option<&'a Citation>,
    pub(super) exporter: &'a Entity,
    pub(super) importer: &'a Entity,
    /// Where it is or has access: its places and its seat.
    pub(super) reach: Reach,
    /// The data that is given to the first recipients of the chains that contain it.
    pub(super) given: Vec<Given<'a>>,
    /// Whether a chain that contains it is active.
    pub(super) active: bool,
    /// Whether it is the first one out of the EEA.
    pub(super) exit: bool,
}

/// The data that a recipient is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given<'a> {
    pub(super) categories: &'a BTreeSet<DataCategory>,
    pub(super) data_subjects: &'a BTreeSet<String>,
}

/// All hops of the chains that begin with `starts`, each once. Active chains are walked first, so that a hop shared
/// with an inactive chain counts as active.
pub(super) fn walk<'a>(ruleset: &'a Ruleset, starts: impl Iterator<Item = Listed<'a>>) -> Vec<Hop<'a>> {
    let mut starts: Vec<_> = starts.collect();
    starts.sort_by_key(|listed| !listed.is_active());
    let mut hops = Vec::new();
    let mut walked: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for start in starts {
        let given = start.given();
        hops.push(first(&start));
        let mut queue = VecDeque::from([(start.name, start.recipient)]);
        let mut reached = BTreeSet::new();
        while let Some((name, recipient)) = queue.pop_front() {
            if !reached.insert(name) {
                continue;
            }
            if let Some(onward) = walked.get(name).cloned() {
                let mut new = false;
                for hop in hops[onward].iter_mut().filter(|hop: &&mut Hop<'_>| !hop.given.contains(&given)) {
                    hop.given.push(given);
                    new = true;
                }
                // Its onward hops were walked with the same data before.
                if !new {
                    continue;
                }
            } else {
                let begin = hops.len();
                hops.extend(recipient.onward.iter().flatten().map(|onward| {
                    let reach = Reach::from_places([&onward.places]).with_seat(onward.entity.seat);
                    Hop {
                        agreement: start.id,
                        terms: start.agreement,
                        recipient: name,
                        clause: start.clause(),
                        exporter: &recipient.contracting_entity,
                        importer: &onward.entity,
                        exit: !leaves(reach_of_recipient(recipient), &recipient.contracting_entity)
                            && leaves(reach, &onward.entity),
                        reach,
                        given: vec![given],
                        active: start.is_active(),
                    }
                }));
                walked.insert(name, begin..hops.len());
            }
            let onward = recipient.onward.iter().flatten().filter_map(|onward| onward.recipient.as_deref());
            let next = onward.filter_map(|next| ruleset.recipients.get_key_value(next));
            queue.extend(next.map(|(name, recipient)| (name.as_str(), recipient)));
        }
    }
    hops
}

fn first<'a>(listed: &Listed<'a>) -> Hop<'a> {
    let Listed { id, agreement, name, recipient, .. } = *listed;
    let reach = reach_of_recipient(recipient);
    Hop {
        agreement: id,
        terms: agreement,
        recipient: name,
        clause: listed.clause(),
        exporter: &agreement.processor,
        importer: &recipient.contracting_entity,
        exit: leaves(reach, &recipient.contracting_entity),
        reach,
        given: vec![listed.given()],
        active: listed.is_active(),
    }
}

impl<'a> Hop<'a> {
    /// The places for which it needs a basis.
    pub(super) fn stops(&self) -> impl Iterator<Item = Place> + use<> {
        self.reach.stops(self.importer)
    }

    /// The bases that concern this hop to `place`, in force or not.
    pub(super) fn candidates(&self, ruleset: &'a Ruleset, place: Place) -> Vec<Candidate<'a>> {
        let about = ruleset.bases.about(&self.importer.name, place.country());
        let mut found: Vec<_> =
            about.filter(|candidate| scope::concerns(candidate.basis, &self.exporter.name, place)).collect();
        found.sort_by(|a, b| a.basis.name.cmp(&b.basis.name));
        found.dedup_by(|a, b| a.basis.name == b.basis.name);
        found
    }

    /// The hop as it is judged, once for each data given.
    pub(super) fn judged(&self, ruleset: &'a Ruleset) -> Vec<bases::Hop<'a>> {
        let judged = self.given.iter().map(|given| bases::Hop {
            exporter: self.exporter,
            importer: self.importer,
            role: Role::Processor,
            categories: given.categories.into(),
            data_subjects: given.data_subjects,
            occurrences: 1,
            ruleset,
            interpretation: &self.terms.interpretation,
        });
        judged.collect()
    }
}

/// Where a recipient's endpoints process, store and give access, and its seat.
pub(super) fn reach_of_recipient(recipient: &Recipient) -> Reach {
    let endpoints = recipient.endpoints.values().map(Reach::from_entry).fold(Reach::default(), Reach::and);
    endpoints.with_seat(recipient.contracting_entity.seat)
}

/// Whether a hop there needs a basis under Chapter V GDPR.
fn leaves(reach: Reach, importer: &Entity) -> bool {
    reach.stops(importer).next().is_some()
}

/// The places outside the EEA, as a sentence says them.
pub(super) fn named(reach: Reach) -> String {
    let named = reach.abroad().into_iter().map(|place| place.to_string());
    list(named.chain(reach.anywhere.then(|| "places that nobody names".to_owned())))
}

/// A place that needs a basis, as a sentence says it.
pub(super) fn name(place: Place) -> String {
    match place {
        Place::In(country) => country.to_string(),
        Place::Anywhere => "any country".to_owned(),
        Place::Organisation => "an international organisation".to_owned(),
    }
}
