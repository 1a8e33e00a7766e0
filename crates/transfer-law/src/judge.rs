//! The procedure: the questions of Chapter V GDPR and of the agreement, in their order.

mod agreement;
mod chain;
mod draft;

use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction};

use crate::{
    Agreement, Counterpart, Edge, EndpointEntry, Entity, Outcome, Places, Recipient, Ruleset, Territory, Verdict,
    bases::{self, Role},
    categories, hop, places,
    territory::territory,
    verdict::{Ground, KnownCategories, NoteCode, ReasonCode, Rung},
};
use draft::Draft;

/// Judges `edge` as of `at`. Pure: the same three arguments give the same verdict for ever.
///
/// All reasons are collected, not only the first. An edge of an agreement that the ruleset does
/// not hold is `Unknown`.
pub fn judge(ruleset: &Ruleset, edge: &Edge, at: Timestamp) -> Verdict {
    let Some(agreement) = ruleset.agreements.get(&edge.id.agreement) else {
        let mut draft = Draft::new(edge, KnownCategories { rung: Rung::None, categories: BTreeSet::new() });
        draft.against(
            Outcome::Unknown,
            ReasonCode::AgreementUnknown,
            Ground { text: format!("the ruleset holds no agreement {}", edge.id.agreement), ..Ground::default() },
        );
        return draft.finish(ruleset, at);
    };
    Case { ruleset, agreement, edge, at }.judge(&edge.counterpart)
}

/// One edge before the law.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    ruleset: &'a Ruleset,
    agreement: &'a Agreement,
    edge: &'a Edge,
    at: Timestamp,
}

impl Case<'_> {
    fn judge(self, counterpart: &Counterpart) -> Verdict {
        match counterpart {
            Counterpart::Registered { recipient, endpoint } => self.endpoint(recipient, endpoint),
            Counterpart::Unregistered { label, remote_access } => self.unregistered(label, *remote_access),
            Counterpart::Ambiguous { candidates } => self.ambiguous(candidates),
            Counterpart::OwnNetwork { operator, jurisdiction } => self.own_network(operator, *jurisdiction),
            Counterpart::DataSubject => self.data_subject(),
            Counterpart::DeclaredNotPersonal { reason, until, otherwise } => {
                // A sent finding overrules the declaration, and so does its end.
                let ended = until.is_some_and(|until| until <= self.at);
                if ended || !self.edge.categories.seen.is_empty() {
                    self.judge(otherwise)
                } else {
                    self.declared_not_personal(reason)
                }
            }
        }
    }

    fn declared_not_personal(self, reason: &str) -> Verdict {
        let mut draft = self.draft(KnownCategories { rung: Rung::None, categories: BTreeSet::new() });
        draft.outcome = Outcome::NotPersonal;
        draft.for_(Ground {
            article: Some("Art. 4(1) GDPR"),
            text: format!("declared by policy not to carry personal data: {reason}"),
            ..Ground::default()
        });
        draft.finish(self.ruleset, self.at)
    }

    /// Data that is collected from the person has no exporter (EDPB Guidelines 05/2021, second
    /// criterion).
    fn data_subject(self) -> Verdict {
        let mut draft = self.draft(categories::climb(&self.edge.categories, &BTreeSet::new()));
        draft.outcome = Outcome::NotATransfer;
        draft.for_(Ground {
            article: Some("EDPB Guidelines 05/2021, second criterion"),
            text: "inbound clients that are no registered recipient: collected from data subjects, no exporter"
                .to_owned(),
            ..Ground::default()
        });
        draft.finish(self.ruleset, self.at)
    }

    /// A network of one's own is intra-party; one that somebody else runs is judged as that
    /// party.
    fn own_network(self, operator: &str, jurisdiction: Jurisdiction) -> Verdict {
        if operator != self.agreement.processor.name {
            return self.network_of_others(operator, jurisdiction);
        }
        let mut draft = self.draft(categories::climb(&self.edge.categories, &BTreeSet::new()));
        draft.place(jurisdiction);
        draft.outcome = Outcome::NotATransfer;
        draft.for_(Ground {
            article: Some("EDPB Guidelines 05/2021, second criterion"),
            text: format!("own network in {jurisdiction}, one legal entity: {operator}"),
            ..Ground::default()
        });
        if territory(jurisdiction) != Territory::Eea {
            let clause = self.agreement.clauses.get("TRF-GATE").map_or(String::new(), |clause| format!(" {clause}"));
            let text = format!(
                "own branch in {jurisdiction}: its authorities may reach the data (Art. 5, 24, 32 GDPR); whether the \
                 agreement allows to relocate the processing there (TRF-GATE{clause}) must be decided by a person"
            );
            draft.note(NoteCode::ThirdCountryAccessRisk, text);
        }
        draft.finish(self.ruleset, self.at)
    }

    fn network_of_others(self, operator: &str, jurisdiction: Jurisdiction) -> Verdict {
        if let Some(controller) = self
            .agreement
            .controllers
            .iter()
            .map(|controller| &controller.entity)
            .find(|entity| entity.name == operator)
        {
            return self.controller(controller, jurisdiction);
        }
        let registered = self.ruleset.recipients.iter().find(|(_, recipient)| {
            recipient.legal_entity.name == operator || recipient.contracting_entity.name == operator
        });
        if let Some((name, recipient)) = registered {
            return self.registered(name, recipient, &only_in(jurisdiction));
        }
        let mut verdict = self.unregistered(operator, false);
        verdict.location.jurisdictions.insert(jurisdiction);
        verdict
    }

    /// Data that goes back to the controller: disclosed within the relationship of Art. 28, a
    /// transfer if the controller is outside the EEA (module 4 of the SCC).
    fn controller(self, controller: &Entity, jurisdiction: Jurisdiction) -> Verdict {
        // What the controller gets back is assumed to be what Annex 1 names.
        let known = categories::climb(&self.edge.categories, &self.agreement.scope);
        let mut draft = self.draft(known.clone());
        self.content(&mut draft);
        let processing = only_in(jurisdiction).processing;
        let (location, notes) = places::attested(&processing, &self.edge.location, self.ruleset, self.at);
        let mut places = location.jurisdictions.clone();
        places.insert(controller.seat);
        let hop = self.hop(&self.agreement.processor.name, &controller.name, Role::Controller, &known.categories);
        draft.location(location);
        draft.verdict.notes.extend(notes);
        draft.hop(hop::judge(&hop, &places, false), self.agreement);
        self.policy_places(&mut draft);
        draft.finish(self.ruleset, self.at)
    }

    /// One of several, and which is not known. Where none of them is listed, what was seen went
    /// to a stranger whoever it is.
    fn ambiguous(self, candidates: &[String]) -> Verdict {
        let known = categories::climb(&self.edge.categories, &BTreeSet::new());
        let could_be_registered = candidates.iter().any(|candidate| {
            let recipient = candidate.split('/').next().unwrap_or_default();
            self.ruleset.recipients.contains_key(recipient)
        });
        let mut draft = self.draft(known.clone());
        draft.location(places::of_stranger(&self.edge.location));
        if known.rung == Rung::Seen && !could_be_registered {
            let text = format!(
                "none of {} is a listed sub-processor, and one was seen to receive {}",
                bases::list(candidates),
                bases::list(&known.categories)
            );
            let ground = self.ground("SUB-LIST", "Art. 28(2), (4) GDPR", text);
            draft.against(Outcome::Unlawful, ReasonCode::UnregisteredRecipient, ground);
        }
        draft.against(
            Outcome::Unknown,
            ReasonCode::AmbiguousName,
            Ground {
                text: format!("the address answers for several recipients: {}", bases::list(candidates)),
                ..Ground::default()
            },
        );
        self.wire_measures(&mut draft);
        self.scope(&mut draft);
        draft.finish(self.ruleset, self.at)
    }

    /// A recipient nobody listed. Only a category seen sent makes it Unlawful; a category that
    /// the workload merely holds leaves it Unknown.
    fn unregistered(self, label: &str, remote_access: bool) -> Verdict {
        let known = categories::climb(&self.edge.categories, &BTreeSet::new());
        let (effect, what) = match known.rung {
            Rung::Seen => (Outcome::Unlawful, format!("was seen to receive {}", bases::list(&known.categories))),
            Rung::Held | Rung::Declared => {
                (Outcome::Unknown, format!("receives data of a workload that holds {}", bases::list(&known.categories)))
            }
            Rung::Assumed | Rung::None => (Outcome::Unknown, "receives data of a kind that is not known".to_owned()),
        };
        let mut draft = self.draft(known);
        draft.location(places::of_stranger(&self.edge.location));
        let way = if remote_access { ", by remote access" } else { "" };
        let mut ground = self.ground(
            "SUB-LIST",
            "Art. 28(2), (4) GDPR",
            format!("{label} is no listed sub-processor and {what}{way}"),
        );
        if remote_access {
            ground.article = Some("Art. 28(2), (4), 44 GDPR; EDPB Guidelines 05/2021");
        }
        draft.against(effect, ReasonCode::UnregisteredRecipient, ground);
        self.wire_measures(&mut draft);
        self.scope(&mut draft);
        draft.finish(self.ruleset, self.at)
    }

    fn endpoint(self, name: &str, endpoint: &str) -> Verdict {
        let Some(recipient) = self.ruleset.recipients.get(name) else {
            return self.unregistered(name, false);
        };
        // Of an entry that the register does not have, nothing is attested.
        let nowhere = EndpointEntry { processing: Places::Anywhere, storage: None, access: None };
        self.registered(name, recipient, recipient.endpoints.get(endpoint).unwrap_or(&nowhere))
    }

    fn registered(self, name: &str, recipient: &Recipient, entry: &EndpointEntry) -> Verdict {
        let known = categories::climb(&self.edge.categories, &recipient.categories);
        let mut draft = self.draft(known.clone());
        if known.rung == Rung::None {
            draft.against(
                Outcome::Unknown,
                ReasonCode::CategoriesUnknown,
                Ground { text: format!("nothing tells which categories {name} receives"), ..Ground::default() },
            );
        }
        self.engagement(name, &mut draft);
        self.content(&mut draft);
        self.first_hop(recipient, entry, &known.categories, &mut draft);
        self.onward_hops(name, recipient, &known.categories, &mut draft);
        if draft.outcome == Outcome::Permitted {
            draft.missing(bases::stale(
                &recipient.legal_entity.name,
                recipient.as_of,
                &self.agreement.interpretation,
                self.at,
            ));
        }
        self.policy_places(&mut draft);
        draft.finish(self.ruleset, self.at)
    }

    fn hop<'h>(
        &'h self,
        exporter: &'h str,
        importer: &'h str,
        role: Role,
        categories: &'h BTreeSet<DataCategory>,
    ) -> bases::Hop<'h> {
        bases::Hop {
            exporter,
            importer,
            role,
            categories,
            at: self.at,
            ruleset: self.ruleset,
            settings: &self.agreement.interpretation,
        }
    }

    fn draft(self, known: KnownCategories) -> Draft {
        Draft::new(self.edge, known)
    }

    fn ground(self, obligation: &'static str, article: &'static str, text: String) -> Ground {
        let clause = self.agreement.clauses.get(obligation).cloned();
        Ground { obligation: Some(obligation), clause, article: Some(article), instrument: None, text }
    }
}

/// The place of a network that was declared to be in `jurisdiction`.
fn only_in(jurisdiction: Jurisdiction) -> EndpointEntry {
    EndpointEntry { processing: Places::Only(BTreeSet::from([jurisdiction])), storage: None, access: None }
}

#[cfg(test)]
mod tests;
