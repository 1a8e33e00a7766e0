//! The chain of importers: the first hop to the contracting entity, and the known hops behind it
//! (Art. 44 GDPR).

use std::collections::BTreeSet;

use landfall_observation::DataCategory;

use super::{Case, draft::Draft};
use crate::{
    EndpointEntry, Outcome, Places, Recipient, Territory,
    bases::Role,
    hop, places,
    territory::territory,
    verdict::{Missing, MissingCode, NoteCode},
};

impl Case<'_> {
    /// The first hop: the contracting entity is the importer, and every
    /// place that it is established, processes, stores or has access in counts.
    pub(super) fn first_hop(
        self,
        recipient: &Recipient,
        entry: &EndpointEntry,
        categories: &BTreeSet<DataCategory>,
        draft: &mut Draft,
    ) {
        let EndpointEntry { processing, storage, access } = entry;
        let (location, notes) = places::attested(processing, &self.edge.location, self.ruleset, self.at);
        let mut places = location.jurisdictions.clone();
        let mut anywhere = location.anywhere;
        for more in storage.iter().chain(access) {
            match more {
                Places::Only(jurisdictions) => places.extend(jurisdictions),
                Places::Anywhere => anywhere = true,
            }
        }
        let Recipient { legal_entity, contracting_entity, .. } = recipient;
        places.insert(contracting_entity.seat);
        let hop = self.hop(&self.agreement.processor.name, &contracting_entity.name, Role::Processor, categories);
        let judgment = hop::judge(&hop, &places, anywhere);
        if judgment.verdict.outcome == Outcome::IntraEea && territory(legal_entity.seat) != Territory::Eea {
            let text = format!(
                "{} has its seat in {}; a parent's reach is no transfer by itself",
                legal_entity.name, legal_entity.seat
            );
            draft.note(NoteCode::ThirdCountryAccessRisk, text);
        }
        draft.location(location);
        draft.verdict.notes.extend(notes);
        draft.hop(judgment, self.agreement);
    }

    /// The rest of the chain. Not to know whether there is one is a thing to fetch.
    pub(super) fn onward_hops(
        self,
        name: &str,
        recipient: &Recipient,
        categories: &BTreeSet<DataCategory>,
        draft: &mut Draft,
    ) {
        let Some(onward) = &recipient.onward else {
            let ground = self.ground("SUB-FLOW", "Art. 28(4), 44 GDPR", format!("get {name}'s list of sub-processors"));
            return draft.missing(Some(Missing { code: MissingCode::OnwardList, subject: name.to_owned(), ground }));
        };
        for next in onward {
            let (mut places, anywhere) = match &next.places {
                Places::Only(places) => (places.clone(), false),
                Places::Anywhere => (BTreeSet::new(), true),
            };
            places.insert(next.entity.seat);
            let hop = self.hop(&recipient.contracting_entity.name, &next.entity.name, Role::Processor, categories);
            draft.hop(hop::judge(&hop, &places, anywhere), self.agreement);
        }
    }
}
