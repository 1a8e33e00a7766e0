//! The chain of importers: the first hop to the contracting entity, and the known hops behind it
//! (Art. 44 GDPR).

use super::{Case, Sent, builder::VerdictBuilder};
use crate::{
    EndpointEntry, LocationFinding, Obligation, Outcome, Recipient, Sentence, Territory,
    bases::Role,
    places,
    reach::Reach,
    territory::territory,
    verdict::{Ground, Missing, MissingCode, NoteCode},
};

impl<'a> Case<'a> {
    /// The first hop: the importer is the contracting entity, and every place counts in which it is established,
    /// processes, stores or has access. Returns these places.
    pub(super) fn first_hop(
        self,
        recipient: &'a Recipient,
        entry: &'a EndpointEntry,
        sent: Sent<'a>,
        builder: &mut VerdictBuilder<'a>,
    ) -> Reach {
        let EndpointEntry { processing, storage, access } = entry;
        let (location, note) = places::attested(processing, &self.edge.location, self.ruleset, &mut builder.moment);
        let Recipient { legal_entity, contracting_entity, .. } = recipient;
        let LocationFinding { jurisdictions: places, anywhere, .. } = location;
        let reach = Reach { places, anywhere }.and(Reach::from_storage_and_access(storage.as_ref(), access.as_ref()));
        let reach = reach.with_seat(contracting_entity.seat);
        let hop = self.hop(&self.agreement.processor, contracting_entity, Role::Processor, sent);
        let outcome = builder.hop(&hop, reach);
        if outcome == Outcome::IntraEea && territory(legal_entity.seat) != Territory::Eea {
            let says = Sentence::ParentAbroad { entity: legal_entity.name.as_str().into(), seat: legal_entity.seat };
            builder.note(NoteCode::ThirdCountryAccessRisk, says);
        }
        builder.location(location);
        builder.verdict.notes.extend(note);
        reach
    }

    /// The rest of the chain, through the registered recipients that it names, each once. If it is not known whether
    /// there are more, the list is missing: at the places of the one who should name them, the first of which `reach` holds.
    pub(super) fn onward_hops(
        self,
        name: &'a str,
        recipient: &'a Recipient,
        reach: Reach,
        sent: Sent<'a>,
        builder: &mut VerdictBuilder<'a>,
    ) {
        let first = name;
        let (mut reached, mut open) = (Vec::new(), Vec::new());
        let mut next = Some((name, recipient, reach));
        while let Some((name, recipient, reach)) = next.take().or_else(|| open.pop()) {
            let Some(onward) = &recipient.onward else {
                let ground = Ground::new(Sentence::OnwardList { recipient: name.into() });
                let ground = self.at_clause(ground.obligation(Obligation::SubFlow).article("Art. 28(4), 44 GDPR"));
                builder.missing(Some(Missing { code: MissingCode::OnwardList, subject: name, ground }));
                builder.by_place.add(reach, Outcome::Conditional);
                continue;
            };
            for onward in onward {
                let reach = Reach::from_places([&onward.places]).with_seat(onward.entity.seat);
                let hop = self.hop(&recipient.contracting_entity, &onward.entity, Role::Processor, sent);
                builder.hop(&hop, reach);
                // A cycle has been judged already.
                let Some(name) = onward.recipient.as_deref().filter(|name| *name != first && !reached.contains(name))
                else {
                    continue;
                };
                reached.push(name);
                open.extend(self.ruleset.recipients.get(name).map(|recipient| (name, recipient, reach)));
            }
        }
    }
}
