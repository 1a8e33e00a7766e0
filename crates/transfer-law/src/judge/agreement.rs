//! What the agreement itself allows: who is listed and active (Annex 3), which categories (Annex 1), which
//! measures are observable (Annex 2), and the limits of the policy.

use std::collections::BTreeSet;

use landfall_observation::{DataCategory, JurisdictionSet, TlsVersion};

use super::{Case, builder::VerdictBuilder};
use crate::{
    Activation, Agreement, Asks, Engagement, Obligation, ObservedCategories, OpaqueHandling, OptionalActivation,
    Outcome, Sentence, Setting, TlsPromise,
    reach::Reach,
    verdict::{Ground, NoteCode, ReasonCode},
};

impl<'a> Case<'a> {
    /// Checks what was sent and how; to the recipient that `engagement` lists, if it is listed.
    pub(super) fn content(self, engagement: Option<&'a Engagement>, builder: &mut VerdictBuilder<'a>) {
        self.scope(builder);
        self.wire_measures(engagement, builder);
        if self.agreement.policy.opaque == OpaqueHandling::Unknown && self.edge.channel.opaque {
            builder.against(Outcome::Unknown, ReasonCode::Opaque, Ground::new(Sentence::Opaque));
        }
    }

    /// Checks that the recipient is listed, active, and past its objection period.
    pub(super) fn engagement(self, recipient: &'a str, builder: &mut VerdictBuilder<'a>) -> Option<&'a Engagement> {
        let Some(engagement) = self.agreement.engagements.get(recipient) else {
            let ground = self.ground(
                Obligation::SubList,
                "Art. 28(2), (4) GDPR",
                Sentence::NotListed { recipient: recipient.into() },
            );
            builder.against(Outcome::Unlawful, ReasonCode::UnregisteredRecipient, ground);
            return None;
        };
        let Engagement { activation, effective_from, clause, .. } = engagement;
        let listed = |says| {
            let mut ground = self.ground(Obligation::SubList, "Art. 28(3)(a) GDPR", says);
            ground.clause = clause.as_ref().or(ground.clause);
            ground
        };
        let reading = self.agreement.interpretation.optional_activation;
        let read = |ground: Ground<'a>| ground.setting(Setting::OptionalActivation(reading));
        match activation {
            Activation::Default | Activation::Optional { active: true } => {}
            Activation::Optional { active: false } => {
                let ground = read(listed(Sentence::OptionalNotActive { recipient: recipient.into() }));
                builder.against(Outcome::Unlawful, ReasonCode::NotActivated, ground);
            }
            Activation::PerTenant { tenants: active } => {
                if self.edge.tenants.is_empty() || self.edge.untenanted {
                    let ground = listed(Sentence::TenantUnknown { recipient: recipient.into() });
                    builder.against(Outcome::Unknown, ReasonCode::TenantUnknown, ground);
                }
                let without = self.edge.tenants.difference(active);
                let tenants: Vec<_> = without.map(String::as_str).collect();
                if !tenants.is_empty() {
                    let ground = read(listed(Sentence::NotActiveFor {
                        recipient: recipient.into(),
                        tenants: tenants.into_iter().map(Into::into).collect(),
                    }));
                    builder.against(Outcome::Unlawful, ReasonCode::NotActivated, ground);
                }
            }
        }
        let by_notice = reading == OptionalActivation::ChangeNotice && *activation != Activation::Default;
        if by_notice && effective_from.is_none() {
            let says = Sentence::OptionalWithoutNotice { recipient: recipient.into() };
            let ground = read(self.ground(Obligation::SubNote, "Art. 28(2) GDPR", says));
            builder.against(Outcome::Unlawful, ReasonCode::ObjectionPeriodRunning, ground);
        }
        let first = self.edge.first_seen.min(self.at);
        if let Some(until) = effective_from.filter(|instant| !builder.moment.reached(*instant) || first < *instant) {
            let says = Sentence::ObjectionPeriod { recipient: recipient.into(), until };
            let ground = self.ground(Obligation::SubFreeze, "Art. 28(2) GDPR", says);
            builder.against(Outcome::Unlawful, ReasonCode::ObjectionPeriodRunning, ground);
        }
        if let Some(from) = engagement.ended(&mut builder.moment) {
            let ground = listed(Sentence::Ended { recipient: recipient.into(), from });
            builder.against(Outcome::Unlawful, ReasonCode::EngagementEnded, ground);
        }
        Some(engagement)
    }

    /// Annex 1 is the limit. A category seen in what was sent violates it; one that is only held, declared or
    /// assumed is noted.
    pub(super) fn scope(self, builder: &mut VerdictBuilder<'a>) {
        let Agreement { scope, policy, .. } = self.agreement;
        let ObservedCategories { seen, declared, .. } = &self.edge.categories;
        let categories: Vec<_> = seen.iter().filter(|category| !scope.contains(category)).collect();
        if !categories.is_empty() {
            let ground = self.ground(
                Obligation::AvvScope,
                "Art. 28(3) GDPR",
                Sentence::SentOutsideAnnex1 { categories: categories.into() },
            );
            builder.against(Outcome::Unlawful, ReasonCode::CategoryOutsideAgreement, ground);
        }
        let known = builder.verdict.categories.categories;
        let mut categories = BTreeSet::new();
        let is_beyond = |category: &&DataCategory| !scope.contains(category) && !seen.contains(*category);
        for possible in [self.held, declared.into(), known] {
            categories.extend(possible.iter().filter(is_beyond));
        }
        if !categories.is_empty() {
            builder.note(NoteCode::HeldOutsideAgreement, Sentence::HeldOutsideAnnex1 { categories: categories.into() });
        }
        if let Some(allowed) = &policy.allowed_categories {
            let categories: Vec<_> = seen.difference(allowed).collect();
            if !categories.is_empty() {
                let ground = Ground::new(Sentence::PolicyForbidsCategories { categories: categories.into() });
                builder.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, ground);
            }
        }
    }

    /// Checks the observable measures of Annex 2, general and for this sub-processor, and of the policy.
    pub(super) fn wire_measures(self, engagement: Option<&'a Engagement>, builder: &mut VerdictBuilder<'a>) {
        let Agreement { minimum_tls, policy, .. } = self.agreement;
        let own = engagement.and_then(|engagement| engagement.minimum_tls.as_ref());
        let promise = match (minimum_tls, own) {
            (Some(all), Some(own)) if all.version >= own.version => Some(all),
            (all, own) => own.or(all.as_ref()),
        };
        let mut met = true;
        if let Some(TlsPromise { version, clause }) = promise.filter(|promise| self.is_below(promise.version)) {
            for says in self.below(*version, Asks::Agreement).into_iter().flatten() {
                met = false;
                let mut ground = self.ground(Obligation::Tom, "Art. 28(3)(c), 32 GDPR", says);
                ground.clause = Some(clause);
                builder.against(Outcome::Unlawful, ReasonCode::MeasureNotMet, ground);
            }
        }
        if let Some(minimum) = policy.minimum_tls.filter(|minimum| met && self.is_below(*minimum)) {
            for says in self.below(minimum, Asks::Policy).into_iter().flatten() {
                builder.against(Outcome::Unlawful, ReasonCode::OutsidePolicy, Ground::new(says));
            }
        }
        if self.edge.channel.plaintext_not_read {
            builder.note(NoteCode::PlaintextNotRead, Sentence::PlaintextNotRead);
        }
        let uncertain = &self.edge.categories.uncertain;
        if !uncertain.is_empty() {
            builder.note(
                NoteCode::UncertainMatches,
                Sentence::UncertainMatches { categories: uncertain.categories().collect::<Vec<_>>().into() },
            );
        }
        if self.edge.channel.ech {
            builder.note(NoteCode::EncryptedClientHello, Sentence::EncryptedClientHello);
        }
    }

    /// Whether anything is below `minimum`; versions are sorted, the lowest first.
    fn is_below(self, minimum: TlsVersion) -> bool {
        let channel = &self.edge.channel;
        self.in_the_clear()
            || channel.plaintext_not_read
            || channel.tls_versions.first().is_some_and(|lowest| *lowest < minimum)
    }

    fn in_the_clear(self) -> bool {
        self.edge.channel.plaintext && !self.edge.categories.seen.is_empty()
    }

    /// How the traffic fell short of `minimum`, if it did.
    fn below(self, minimum: TlsVersion, asks: Asks) -> [Option<Sentence<'a>>; 3] {
        let negotiated = &self.edge.channel.tls_versions;
        let versions: Vec<_> = negotiated.iter().copied().filter(|version| *version < minimum).collect();
        [
            (!versions.is_empty()).then_some(Sentence::TlsBelow { versions, minimum, asks }),
            self.in_the_clear().then_some(Sentence::InTheClear { minimum, asks }),
            // Unread plaintext may contain personal data: the missing encryption suffices (Art. 32(1)(a) GDPR).
            self.edge.channel.plaintext_not_read.then_some(Sentence::NotReadInTheClear { minimum, asks }),
        ]
    }

    pub(super) fn policy_places(self, builder: &mut VerdictBuilder<'a>) {
        let Some(allowed) = &self.agreement.policy.allowed_jurisdictions else { return };
        let places: JurisdictionSet =
            builder.verdict.chain.iter().flat_map(|hop| hop.places.difference(*allowed)).collect();
        if !places.is_empty() {
            let ground = Ground::new(Sentence::PolicyForbidsPlaces { places });
            let reach = Reach { places, anywhere: false };
            builder.against_places(reach, Outcome::Unlawful, ReasonCode::OutsidePolicy, ground);
        }
        if let Some(hop) = builder.verdict.chain.iter().find(|hop| hop.anywhere) {
            let ground = Ground::new(Sentence::PolicyWantsPlaces { importer: hop.importer.into() });
            let reach = Reach { places: JurisdictionSet::EMPTY, anywhere: true };
            builder.against_places(reach, Outcome::Unlawful, ReasonCode::OutsidePolicy, ground);
        }
    }
}
