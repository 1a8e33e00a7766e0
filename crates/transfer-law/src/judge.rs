//! The procedure of a judgment: the questions of Chapter V GDPR and of the agreement, in order.

mod agreement;
mod builder;
mod chain;
mod holding;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction, JurisdictionSet, Rung};

use crate::{
    Agreement, Categories, Controller, Counterpart, DeclaredPrefix, Edge, EndpointEntry, Entity, LocationFinding,
    Obligation, Outcome, Places, Recipient, Ruleset, Sentence, Territory, Verdict,
    bases::{self, Role},
    categories, places,
    reach::Reach,
    territory::territory,
    verdict::{Ground, KnownCategories, NoteCode, ReasonCode},
};
use builder::{VerdictBuilder, nothing};

const SECOND_CRITERION: &str = "EDPB Guidelines 05/2021, second criterion";
const SUB_PROCESSORS: &str = "Art. 28(2), (4) GDPR";
const REMOTE_ACCESS: &str = "Art. 28(2), (4), 44 GDPR; EDPB Guidelines 05/2021";

/// Stands for an endpoint entry that the register does not have.
static NOWHERE: EndpointEntry = EndpointEntry { processing: Places::Anywhere, storage: None, access: None };

/// Judges `edge` as of `at`. Pure: the same three arguments always give the same verdict.
///
/// All reasons are collected, not only the first. An edge of an agreement that the ruleset does not contain is
/// `Unknown`.
pub fn judge<'a>(ruleset: &'a Ruleset, edge: &'a Edge, at: Timestamp) -> Verdict<'a> {
    let Some(agreement) = ruleset.agreements.get(&edge.id.agreement) else {
        let mut builder = VerdictBuilder::new(ruleset, None, KnownCategories::none(), at);
        let says = Sentence::AgreementUnknown { agreement: edge.id.agreement.name.as_str().into() };
        builder.against(Outcome::Unknown, ReasonCode::AgreementUnknown, Ground::new(says));
        return builder.finish(ruleset);
    };
    let held = categories::counting_holdings(edge, &agreement.policy);
    Case { ruleset, agreement, edge, held, at }.judge(&edge.counterpart)
}

/// One edge to be judged.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    ruleset: &'a Ruleset,
    agreement: &'a Agreement,
    edge: &'a Edge,
    /// The held categories that count under the policies.
    held: Categories<'a>,
    at: Timestamp,
}

/// The data that is passed down the chain.
#[derive(Debug, Clone, Copy)]
struct Sent<'a> {
    categories: Categories<'a>,
    data_subjects: &'a BTreeSet<String>,
}

impl<'a> Case<'a> {
    fn judge(self, counterpart: &'a Counterpart) -> Verdict<'a> {
        if self.edge.only_attempts {
            return self.no_connection();
        }
        match counterpart {
            Counterpart::Registered { recipient, endpoint } => self.endpoint(recipient, endpoint),
            Counterpart::Unregistered { label, remote_access } => self.unregistered(label, *remote_access),
            Counterpart::Ambiguous { candidates } => self.ambiguous(candidates),
            Counterpart::OwnNetwork { operator, jurisdiction } => self.own_network(operator, *jurisdiction),
            Counterpart::DataSubject => self.data_subject(),
            Counterpart::Other { unregistered, remote_access } => self.other(*unregistered, *remote_access),
            Counterpart::Truncated { address, candidates, otherwise } => {
                self.truncated(*address, candidates, otherwise)
            }
            Counterpart::DeclaredNotPersonal { reason, until, otherwise } => {
                // A finding in what was sent overrules the declaration; so does its expiry.
                let ended = until.is_some_and(|until| until <= self.at);
                if ended || !self.edge.categories.seen.is_empty() {
                    self.judge(otherwise)
                } else {
                    self.declared_not_personal(reason, *until)
                }
            }
        }
    }

    /// No connection was accepted, so no application data reached anybody: nothing was made available to another party
    /// (EDPB Guidelines 05/2021, second criterion). Data in a SYN (RFC 7413) is delivered only if the connection is
    /// accepted. A rejected datagram is judged as any other: it did leave, and the path and the host that rejected it
    /// had it.
    fn no_connection(self) -> Verdict<'a> {
        let mut builder = self.builder(KnownCategories::none());
        builder.outcome = Outcome::NotATransfer;
        builder.rests_on(Ground::new(Sentence::NoConnection).article(SECOND_CRITERION));
        builder.finish(self.ruleset)
    }

    fn declared_not_personal(self, reason: &'a str, until: Option<Timestamp>) -> Verdict<'a> {
        let mut builder = self.builder(KnownCategories::none());
        // The end lies ahead; the comparison only limits how long the verdict holds.
        if let Some(until) = until {
            builder.moment.reached(until);
        }
        builder.outcome = Outcome::NotPersonal;
        builder
            .rests_on(Ground::new(Sentence::DeclaredNotPersonal { reason: reason.into() }).article("Art. 4(1) GDPR"));
        builder.finish(self.ruleset)
    }

    /// Data that is collected from the person has no exporter (EDPB Guidelines 05/2021, second
    /// criterion).
    fn data_subject(self) -> Verdict<'a> {
        let mut builder = self.builder(self.observed());
        builder.outcome = Outcome::NotATransfer;
        builder.rests_on(Ground::new(Sentence::CollectedFromDataSubject).article(SECOND_CRITERION));
        builder.finish(self.ruleset)
    }

    /// The processor's own network is intra-party; one that somebody else runs is judged as that party.
    fn own_network(self, operator: &'a str, jurisdiction: Jurisdiction) -> Verdict<'a> {
        if operator != self.agreement.processor.name {
            return self.network_of_others(operator, jurisdiction);
        }
        let mut builder = self.builder(self.observed());
        builder.place(jurisdiction);
        builder.outcome = Outcome::NotATransfer;
        builder.rests_on(
            Ground::new(Sentence::OwnNetwork { operator: operator.into(), jurisdiction }).article(SECOND_CRITERION),
        );
        if territory(jurisdiction) != Territory::Eea {
            builder.note(NoteCode::ThirdCountryAccessRisk, Sentence::OwnBranch { jurisdiction });
        }
        builder.finish(self.ruleset)
    }

    fn network_of_others(self, operator: &'a str, jurisdiction: Jurisdiction) -> Verdict<'a> {
        let controllers = &self.agreement.controllers;
        if let Some(controller) = controllers.iter().find(|controller| controller.entity.name == operator) {
            return self.controller(controller, jurisdiction);
        }
        let registered = self.ruleset.recipients.iter().find(|(_, recipient)| {
            recipient.legal_entity.name == operator || recipient.contracting_entity.name == operator
        });
        if let Some((name, recipient)) = registered {
            return self.registered(name, recipient, entry_in(jurisdiction));
        }
        let mut location = places::unattested(&self.edge.location);
        location.jurisdictions.extend([jurisdiction]);
        self.unregistered_in(location, operator, false)
    }

    /// Data that goes back to the controller: disclosed within the relationship of Art. 28, a
    /// transfer if the controller is outside the EEA (module 4 of the SCC). The data of one controller
    /// is not for another.
    fn controller(self, controller: &'a Controller, jurisdiction: Jurisdiction) -> Verdict<'a> {
        let Controller { entity, tenants } = controller;
        // It is assumed that the controller gets back the categories of Annex 1.
        let known = self.known(&self.agreement.scope);
        let mut builder = self.builder(known);
        let from_storage_and_access: Vec<_> = self.edge.tenants.difference(tenants).map(String::as_str).collect();
        if !from_storage_and_access.is_empty() {
            let seen = known.rung == Rung::Seen;
            let effect = if seen { Outcome::Unlawful } else { Outcome::Unknown };
            let says = Sentence::OtherController {
                controller: entity.name.as_str().into(),
                tenants: from_storage_and_access.into_iter().map(Into::into).collect(),
                seen,
            };
            let ground = self.ground(Obligation::SubList, "Art. 28(3)(a), 29 GDPR", says);
            builder.against(effect, ReasonCode::OtherController, ground);
        }
        self.content(None, &mut builder);
        let entry = entry_in(jurisdiction);
        let (location, note) =
            places::attested(&entry.processing, &self.edge.location, self.ruleset, &mut builder.moment);
        let reach = Reach { places: location.jurisdictions, anywhere: false }.with_seat(entity.seat);
        let sent = Sent { categories: known.categories, data_subjects: &self.agreement.data_subjects };
        let hop = self.hop(&self.agreement.processor, entity, Role::Controller, sent);
        builder.location(location);
        builder.verdict.notes.extend(note);
        builder.hop(&hop, reach);
        self.policy_places(&mut builder);
        builder.finish(self.ruleset)
    }

    /// One of several recipients, and which is not known. If none of them is listed, seen data went to an unlisted
    /// recipient either way.
    fn ambiguous(self, candidates: &'a [String]) -> Verdict<'a> {
        let could_be_registered = candidates.iter().any(|candidate| {
            let recipient = candidate.split('/').next().unwrap_or_default();
            self.ruleset.recipients.contains_key(recipient)
        });
        let says = Sentence::NoCandidateListed {
            candidates: candidates.into(),
            categories: self.observed().categories.into(),
        };
        let unlisted = (!could_be_registered).then(|| self.ground(Obligation::SubList, SUB_PROCESSORS, says));
        self.one_of_several(unlisted, ReasonCode::AmbiguousName, Sentence::Ambiguous { candidates: candidates.into() })
    }

    /// In one of several declared prefixes, or in none. If none of them can be known to the agreement, seen data went
    /// to an unlisted recipient either way.
    fn truncated(self, address: IpNet, candidates: &'a [DeclaredPrefix], otherwise: &'a Counterpart) -> Verdict<'a> {
        let all = candidates.iter().map(|candidate| &candidate.stands_for).chain([otherwise]);
        let is_stranger = |counterpart: &Counterpart| match counterpart {
            Counterpart::DeclaredNotPersonal { otherwise, .. } => {
                matches!(**otherwise, Counterpart::Unregistered { .. })
            }
            other => matches!(other, Counterpart::Unregistered { .. }),
        };
        let says = Sentence::SentToTruncated { address, categories: self.observed().categories.into() };
        let unlisted = all.clone().all(is_stranger).then(|| self.ground(Obligation::SubList, SUB_PROCESSORS, says));
        self.one_of_several(
            unlisted,
            ReasonCode::AddressTruncated,
            Sentence::AddressTruncated { address, candidates: candidates.into() },
        )
    }

    /// Recipients beyond a limit, so that it is not known who received what. If an unregistered one may be among them,
    /// seen data may have been sent to it, and this worse reading counts.
    fn other(self, unregistered: bool, remote_access: bool) -> Verdict<'a> {
        let article = if remote_access { REMOTE_ACCESS } else { SUB_PROCESSORS };
        let says =
            Sentence::SentToUnregisteredAmongMany { categories: self.observed().categories.into(), remote_access };
        let unlisted = unregistered.then(|| self.ground(Obligation::SubList, article, says));
        self.one_of_several(unlisted, ReasonCode::TooManyRecipients, Sentence::TooManyRecipients)
    }

    /// Unknown, because it is one of several; Unlawful with the ground `unlisted` if a category was seen.
    fn one_of_several(self, unlisted: Option<Ground<'a>>, code: ReasonCode, says: Sentence<'a>) -> Verdict<'a> {
        let known = self.observed();
        let mut builder = self.builder(known);
        builder.location(places::unattested(&self.edge.location));
        if let Some(ground) = unlisted.filter(|_| known.rung == Rung::Seen) {
            builder.against(Outcome::Unlawful, ReasonCode::UnregisteredRecipient, ground);
        }
        builder.against(Outcome::Unknown, code, Ground::new(says));
        self.wire_measures(None, &mut builder);
        self.scope(&mut builder);
        builder.finish(self.ruleset)
    }

    fn unregistered(self, label: &'a str, remote_access: bool) -> Verdict<'a> {
        self.unregistered_in(places::unattested(&self.edge.location), label, remote_access)
    }

    /// A recipient that is not listed. Only a category seen in what was sent makes it Unlawful; one that the workload
    /// merely holds leaves it Unknown.
    fn unregistered_in(self, location: LocationFinding, label: &'a str, remote_access: bool) -> Verdict<'a> {
        let known = self.observed();
        let effect = if known.rung == Rung::Seen { Outcome::Unlawful } else { Outcome::Unknown };
        let mut builder = self.builder(known);
        builder.location(location);
        let KnownCategories { rung, categories } = known;
        let article = if remote_access { REMOTE_ACCESS } else { SUB_PROCESSORS };
        let says = if self.edge.id.exporter.is_topic() {
            Sentence::UnregisteredOfTopic { label: label.into(), rung, categories: categories.into() }
        } else {
            Sentence::Unregistered { label: label.into(), rung, categories: categories.into(), remote_access }
        };
        builder.against(effect, ReasonCode::UnregisteredRecipient, self.ground(Obligation::SubList, article, says));
        self.wire_measures(None, &mut builder);
        self.scope(&mut builder);
        builder.finish(self.ruleset)
    }

    fn endpoint(self, name: &'a str, endpoint: &str) -> Verdict<'a> {
        let Some(recipient) = self.ruleset.recipients.get(name) else {
            return self.unregistered(name, false);
        };
        // For an entry that the register does not contain, nothing is attested.
        self.registered(name, recipient, recipient.endpoints.get(endpoint).unwrap_or(&NOWHERE))
    }

    fn registered(self, name: &'a str, recipient: &'a Recipient, entry: &'a EndpointEntry) -> Verdict<'a> {
        let known = self.known(&recipient.categories);
        let mut builder = self.builder(known);
        if known.rung == Rung::None {
            let ground = Ground::new(Sentence::CategoriesUnknown { recipient: name.into() });
            builder.against(Outcome::Unknown, ReasonCode::CategoriesUnknown, ground);
        }
        let engagement = self.engagement(name, &mut builder);
        self.content(engagement, &mut builder);
        let data_subjects = recipient.data_subjects.as_ref().unwrap_or(&self.agreement.data_subjects);
        let sent = Sent { categories: known.categories, data_subjects };
        builder.expect_hops(1 + recipient.onward.as_ref().map_or(0, Vec::len));
        let reach = self.first_hop(recipient, entry, sent, &mut builder);
        self.onward_hops(name, recipient, reach, sent, &mut builder);
        self.age(recipient, &mut builder);
        self.policy_places(&mut builder);
        builder.finish(self.ruleset)
    }

    /// Stale facts about the recipient make a permitted transfer Conditional; within the EEA they are noted.
    fn age(self, recipient: &'a Recipient, builder: &mut VerdictBuilder<'a>) {
        let name = &recipient.legal_entity.name;
        let stale = bases::stale(name, recipient.as_of, &self.agreement.interpretation, &mut builder.moment);
        if stale.is_some() {
            builder.by_place.worsen(|there| if there == Outcome::Permitted { Outcome::Conditional } else { there });
        }
        match builder.outcome {
            Outcome::Permitted | Outcome::Conditional => builder.missing(stale),
            Outcome::IntraEea => {
                if let Some(stale) = stale {
                    builder.note(NoteCode::StaleFacts, stale.ground.says);
                }
            }
            _ => {}
        }
    }

    fn hop(self, exporter: &'a Entity, importer: &'a Entity, role: Role, sent: Sent<'a>) -> bases::Hop<'a> {
        let Sent { categories, data_subjects } = sent;
        bases::Hop {
            exporter,
            importer,
            role,
            categories,
            data_subjects,
            occurrences: self.edge.volume.connections,
            ruleset: self.ruleset,
            interpretation: &self.agreement.interpretation,
        }
    }

    fn observed(self) -> KnownCategories<'a> {
        self.known(nothing())
    }

    /// By the best rung; `assumed` is the last.
    fn known(self, assumed: &'a BTreeSet<DataCategory>) -> KnownCategories<'a> {
        categories::climb(&self.edge.categories, self.held, assumed)
    }

    fn builder(self, known: KnownCategories<'a>) -> VerdictBuilder<'a> {
        let mut builder = VerdictBuilder::new(self.ruleset, Some(self.agreement), known, self.at);
        self.holding(&mut builder);
        builder
    }

    fn ground(self, obligation: Obligation, article: &'static str, says: Sentence<'a>) -> Ground<'a> {
        self.at_clause(Ground::new(says).obligation(obligation).article(article))
    }

    /// With the citation of the agreement for its obligation.
    fn at_clause(self, ground: Ground<'a>) -> Ground<'a> {
        Ground { clause: ground.obligation.and_then(|id| self.agreement.clause(id)), ..ground }
    }
}

/// The place of a network that was declared to be in `jurisdiction`.
fn entry_in(jurisdiction: Jurisdiction) -> &'static EndpointEntry {
    /// One entry for each jurisdiction, created once, so that verdicts can borrow them.
    static ENTRIES: LazyLock<BTreeMap<Jurisdiction, EndpointEntry>> = LazyLock::new(|| {
        let entry = |place| EndpointEntry {
            processing: Places::Only(JurisdictionSet::from([place])),
            storage: None,
            access: None,
        };
        Jurisdiction::all().map(|place| (place, entry(place))).collect()
    });
    ENTRIES.get(&jurisdiction).unwrap_or(&NOWHERE)
}

#[cfg(test)]
mod tests;
