//! The procedure: the questions of Chapter V GDPR and of the agreement, in their order.

use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction, TlsVersion};

use crate::{
    Activation, Agreement, Counterpart, Edge, EndpointEntry, Engagement, Entity, ObservedCategories, OpaqueHandling,
    Outcome, Places, Recipient, Ruleset, Territory, Verdict,
    bases::{self, Role},
    categories,
    hop::{self, HopJudgment},
    places,
    territory::territory,
    verdict::{
        Ground, KnownCategories, LocationFinding, Missing, MissingCode, Note, NoteCode, Reason, ReasonCode, Rung,
    },
};

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

/// A verdict in the making.
#[derive(Debug)]
struct Draft {
    outcome: Outcome,
    verdict: Verdict,
}

// === impl Case ===

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
        if let Some(controller) = self.agreement.controllers.iter().find(|entity| entity.name == operator) {
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
            draft.missing(bases::stale(&recipient.legal_entity.name, recipient.as_of, self.ruleset, self.at));
        }
        self.policy_places(&mut draft);
        draft.finish(self.ruleset, self.at)
    }

    /// What was sent, and how it travelled.
    fn content(self, draft: &mut Draft) {
        self.scope(draft);
        self.wire_measures(draft);
        if self.agreement.policy.opaque == OpaqueHandling::Unknown && self.edge.channel.opaque {
            draft.against(
                Outcome::Unknown,
                ReasonCode::Opaque,
                Ground {
                    text: "some of the payload cannot be read, and the policy counts that as unknown (opaque: Unknown)"
                        .to_owned(),
                    ..Ground::default()
                },
            );
        }
    }

    /// Step 4: listed, switched on, and past its objection period.
    fn engagement(self, name: &str, draft: &mut Draft) {
        let Some(engagement) = self.agreement.engagements.iter().find(|entry| entry.recipient == name) else {
            let text = format!("{name} is registered, but the agreement does not list it");
            let ground = self.ground("SUB-LIST", "Art. 28(2), (4) GDPR", text);
            return draft.against(Outcome::Unlawful, ReasonCode::UnregisteredRecipient, ground);
        };
        let Engagement { activation, effective_from, clause, .. } = engagement;
        let not_active = |text: String| {
            let mut ground = self.ground("SUB-LIST", "Art. 28(3)(a) GDPR", text);
            ground.clause = clause.clone().or(ground.clause);
            ground
        };
        match activation {
            Activation::Default | Activation::Optional { active: true } => {}
            Activation::Optional { active: false } => {
                let ground = not_active(format!("{name} is optional and no instruction switched it on"));
                draft.against(Outcome::Unlawful, ReasonCode::NotActivated, ground);
            }
            Activation::PerTenant { tenants } => {
                if self.edge.tenants.is_empty() || self.edge.untenanted {
                    let ground =
                        not_active(format!("{name} is switched on per tenant, and the workload's tenant is not known"));
                    draft.against(Outcome::Unknown, ReasonCode::TenantUnknown, ground);
                }
                let without: Vec<_> = self.edge.tenants.difference(tenants).collect();
                if !without.is_empty() {
                    let ground = not_active(format!("{name} is not switched on for {}", bases::list(without)));
                    draft.against(Outcome::Unlawful, ReasonCode::NotActivated, ground);
                }
            }
        }
        if let Some(instant) = effective_from.filter(|instant| self.edge.first_seen.min(self.at) < *instant) {
            let text = format!("{name} may be used from {instant} on: the objection period has to end first");
            draft.against(
                Outcome::Unlawful,
                ReasonCode::ObjectionPeriodRunning,
                self.ground("SUB-FREEZE", "Art. 28(2) GDPR", text),
            );
        }
    }

    /// Step 5: Annex 1 is the limit. What was seen sent breaks it; what is merely held, declared or
    /// assumed is noted.
    fn scope(self, draft: &mut Draft) {
        let Agreement { scope, policy, .. } = self.agreement;
        let ObservedCategories { seen, held, declared } = &self.edge.categories;
        let outside: Vec<_> = seen.difference(scope).collect();
        if !outside.is_empty() {
            let text = format!("{} was sent, and Annex 1 does not name it", bases::list(outside));
            let ground = self.ground("AVV-SCOPE", "Art. 28(3) GDPR", text);
            draft.against(Outcome::Unlawful, ReasonCode::CategoryOutsideAgreement, ground);
        }
        let known = &draft.verdict.categories.categories;
        let possible: BTreeSet<_> =
            held.iter().chain(declared).chain(known).filter(|category| !seen.contains(*category)).collect();
        let unseen: Vec<_> = possible.into_iter().filter(|category| !scope.contains(*category)).collect();
        if !unseen.is_empty() {
            let text = format!(
                "{} is held, declared or assumed, and Annex 1 does not name it; whether it is sent cannot be seen",
                bases::list(unseen)
            );
            draft.note(NoteCode::HeldOutsideAgreement, text);
        }
        if let Some(allowed) = &policy.allowed_categories {
            let beyond: Vec<_> = self.edge.categories.seen.difference(allowed).collect();
            if !beyond.is_empty() {
                let text = format!("the policy does not allow {}", bases::list(beyond));
                draft.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, Ground { text, ..Ground::default() });
            }
        }
    }

    /// Step 8: measures of Annex 2, and of the policy, that show on the wire.
    fn wire_measures(self, draft: &mut Draft) {
        let Agreement { minimum_tls, policy, .. } = self.agreement;
        let mut met = true;
        for text in minimum_tls.iter().copied().flat_map(|minimum| self.below(minimum, "Annex 2 promises")) {
            met = false;
            let ground = self.ground("TOM", "Art. 28(3)(c), 32 GDPR", text);
            draft.against(Outcome::Unlawful, ReasonCode::MeasureNotMet, ground);
        }
        let stricter = policy.minimum_tls.filter(|_| met);
        for text in stricter.into_iter().flat_map(|minimum| self.below(minimum, "the policy asks for")) {
            draft.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, Ground { text, ..Ground::default() });
        }
        if self.edge.channel.ech {
            let text = "the ClientHello carries Encrypted Client Hello, real or not: its name counts only where the \
                        client's own DNS lookup gives the same";
            draft.note(NoteCode::EncryptedClientHello, text.to_owned());
        }
    }

    /// What stays below `minimum`, in sentences.
    fn below(self, minimum: TlsVersion, who: &str) -> Vec<String> {
        let channel = &self.edge.channel;
        let below: Vec<_> = channel.tls_versions.iter().filter(|version| **version < minimum).collect();
        let mut found = Vec::new();
        if !below.is_empty() {
            found.push(format!("TLS {} was negotiated; {who} at least {minimum}", bases::list(below)));
        }
        if channel.plaintext && !self.edge.categories.seen.is_empty() {
            found.push(format!("personal data was sent in the clear; {who} at least TLS {minimum}"));
        }
        found
    }

    /// Steps 2, 3 and 6 for the first hop: the contracting entity is the importer, and every
    /// place that it is established, processes, stores or has access in counts.
    fn first_hop(
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
    fn onward_hops(self, name: &str, recipient: &Recipient, categories: &BTreeSet<DataCategory>, draft: &mut Draft) {
        let Some(onward) = &recipient.onward else {
            let ground = self.ground("SUB-FLOW", "Art. 28(4), 44 GDPR", format!("get {name}'s list of sub-processors"));
            return draft.missing(Some(Missing { code: MissingCode::OnwardList, subject: name.to_owned(), ground }));
        };
        for next in onward {
            let mut places = next.places.clone();
            places.insert(next.entity.seat);
            let hop = self.hop(&recipient.contracting_entity.name, &next.entity.name, Role::Processor, categories);
            draft.hop(hop::judge(&hop, &places, false), self.agreement);
        }
    }

    fn policy_places(self, draft: &mut Draft) {
        let Some(allowed) = &self.agreement.policy.allowed_jurisdictions else { return };
        let beyond: BTreeSet<_> =
            draft.verdict.chain.iter().flat_map(|hop| hop.places.difference(allowed)).copied().collect();
        if !beyond.is_empty() {
            let text = format!("the policy does not allow {}", bases::list(beyond));
            draft.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, Ground { text, ..Ground::default() });
        }
        if let Some(hop) = draft.verdict.chain.iter().find(|hop| hop.anywhere) {
            let text = format!("the policy names the places it allows, and {} names none", hop.importer);
            draft.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, Ground { text, ..Ground::default() });
        }
    }

    fn hop<'h>(
        &'h self,
        exporter: &'h str,
        importer: &'h str,
        role: Role,
        categories: &'h BTreeSet<DataCategory>,
    ) -> bases::Hop<'h> {
        bases::Hop { exporter, importer, role, categories, at: self.at, ruleset: self.ruleset }
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

// === impl Draft ===

impl Draft {
    fn new(edge: &Edge, categories: KnownCategories) -> Self {
        let verdict = Verdict {
            outcome: Outcome::NotPersonal,
            bases: Vec::new(),
            reasons: Vec::new(),
            missing: Vec::new(),
            grounds: Vec::new(),
            notes: Vec::new(),
            categories,
            location: LocationFinding::default(),
            chain: Vec::new(),
            at: edge.last_seen,
            ruleset: String::new(),
        };
        Self { outcome: Outcome::NotPersonal, verdict }
    }

    fn against(&mut self, effect: Outcome, code: ReasonCode, ground: Ground) {
        self.verdict.reasons.push(Reason { effect, code, ground });
    }

    fn for_(&mut self, ground: Ground) {
        self.verdict.grounds.push(ground);
    }

    fn note(&mut self, code: NoteCode, text: String) {
        self.verdict.notes.push(Note { code, text });
    }

    fn missing(&mut self, missing: Option<Missing>) {
        self.verdict.missing.extend(missing);
    }

    fn place(&mut self, jurisdiction: Jurisdiction) {
        self.verdict.location = LocationFinding {
            jurisdictions: BTreeSet::from([jurisdiction]),
            anywhere: false,
            certainty: crate::Certainty::Uncorroborated,
        };
    }

    fn location(&mut self, location: LocationFinding) {
        self.verdict.location = location;
    }

    /// Takes a hop in: the verdict is the worst over the chain.
    fn hop(&mut self, judgment: HopJudgment, agreement: &Agreement) {
        let HopJudgment { verdict, reasons, missing, grounds } = judgment;
        self.outcome = self.outcome.max(verdict.outcome);
        let cite = |mut ground: Ground| {
            ground.clause = ground.obligation.and_then(|id| agreement.clauses.get(id)).cloned();
            ground
        };
        self.verdict.reasons.extend(reasons.into_iter().map(|reason| Reason { ground: cite(reason.ground), ..reason }));
        self.verdict.missing.extend(missing);
        self.verdict.grounds.extend(grounds.into_iter().map(cite));
        for basis in &verdict.bases {
            if !self.verdict.bases.contains(basis) {
                self.verdict.bases.push(basis.clone());
            }
        }
        self.verdict.chain.push(verdict);
    }

    fn finish(mut self, ruleset: &Ruleset, at: Timestamp) -> Verdict {
        if !self.verdict.missing.is_empty() {
            self.outcome = self.outcome.max(Outcome::Conditional);
        }
        let worst = self.verdict.reasons.iter().map(|reason| reason.effect).max();
        let outcome = worst.map_or(self.outcome, |worst| worst.max(self.outcome));
        self.verdict.reasons.sort_by(|a, b| b.effect.cmp(&a.effect).then_with(|| a.cmp(b)));
        self.verdict.reasons.dedup();
        self.verdict.missing.sort();
        self.verdict.missing.dedup();
        self.verdict.notes.sort();
        Verdict { outcome, at, ruleset: ruleset.version.clone(), ..self.verdict }
    }
}

#[cfg(test)]
mod tests;
