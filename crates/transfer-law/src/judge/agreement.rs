//! What the agreement itself allows: who is listed and switched on (Annex 3), which categories
//! (Annex 1), which measures show on the wire (Annex 2), and what the policy narrows.

use std::collections::BTreeSet;

use landfall_observation::TlsVersion;

use super::{Case, draft::Draft};
use crate::{
    Activation, Agreement, Engagement, ObservedCategories, OpaqueHandling, Outcome, bases,
    verdict::{Ground, NoteCode, ReasonCode},
};

impl Case<'_> {
    /// What was sent, and how it travelled.
    pub(super) fn content(self, draft: &mut Draft) {
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

    /// Listed, switched on, and past its objection period.
    pub(super) fn engagement(self, name: &str, draft: &mut Draft) {
        let Some(engagement) = self.agreement.engagements.get(name) else {
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

    /// Annex 1 is the limit. What was seen sent breaks it; what is merely held, declared or
    /// assumed is noted.
    pub(super) fn scope(self, draft: &mut Draft) {
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

    /// Measures of Annex 2, and of the policy, that show on the wire.
    pub(super) fn wire_measures(self, draft: &mut Draft) {
        let Agreement { minimum_tls, policy, .. } = self.agreement;
        let mut met = true;
        for text in minimum_tls
            .iter()
            .map(|promise| promise.version)
            .flat_map(|minimum| self.below(minimum, "Annex 2 promises"))
        {
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

    pub(super) fn policy_places(self, draft: &mut Draft) {
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
}
