//! What the register lacks to compute periods and to find recipients.

use std::collections::BTreeSet;

use super::{
    Rule,
    Severity::{Error, Info, Warning},
    case::{Case, Found, list},
};
use crate::{
    Activation, Agreement, AssessmentTarget, BasisTarget, Obligation, PeriodUnit,
    clock::{self, Land},
};

/// A rule whose findings come from the compiler of a register.
pub const ENDPOINT_COLLISION: Rule = Rule {
    id: "ENDPOINT-COLLISION",
    severity: Error,
    milder: None,
    article: "Art. 5(2), 28(2) GDPR",
    meaning: "two entries claim the same host, prefix, number or topic; it counts for the first by name",
    action: "find out whose it is, and remove it from the other entry",
    check: found_elsewhere,
};

/// A rule whose findings come from the compiler of a register, because the law knows no buses.
pub const BUS_AGREEMENT: Rule = Rule {
    id: "BUS-AGREEMENT",
    severity: Error,
    milder: None,
    article: "Art. 5(2), 28(3) GDPR",
    meaning: "a message bus names an agreement that the register does not have: its topics are read, and judged under none",
    action: "register the agreement, or correct agreementRef",
    check: found_elsewhere,
};

/// A rule whose findings come from the compiler of a register.
pub const BUS_SELECTOR: Rule = Rule {
    id: "BUS-SELECTOR",
    severity: Warning,
    milder: None,
    article: "Art. 5(2) GDPR",
    meaning: "an entry of a message bus has no effect for a topic, a prefix, a pattern or a broker, because an earlier one selects it",
    action: "remove it from one of the two; the first entry that selects a topic or a broker counts",
    check: found_elsewhere,
};

/// A rule whose findings come from the compiler of a register.
pub const BUS_PASSWORD: Rule = Rule {
    id: "BUS-PASSWORD",
    severity: Warning,
    milder: None,
    article: "Art. 32(1)(a) GDPR",
    meaning: "a password crosses the network in clear: SASL PLAIN without TLS, or credentials for an http address",
    action: "set tls, or an https address; a SCRAM mechanism does not send the password",
    check: found_elsewhere,
};

/// A rule for all warnings of the compiler of a register that have no rule of their own.
pub const REGISTER_NOTE: Rule = Rule {
    id: "REGISTER-NOTE",
    severity: Warning,
    milder: None,
    article: "Art. 5(2) GDPR",
    meaning: "something in the register is allowed but probably not intended",
    action: "correct the object",
    check: found_elsewhere,
};

/// A rule that the operator also applies, because it sees which networks the cluster has.
pub const NETWORKS_UNDECLARED: Rule = Rule {
    id: "NETWORKS-UNDECLARED",
    severity: Warning,
    milder: Some(Info),
    article: "Art. 4(10), 28(2) GDPR",
    meaning: "the cluster has networks of which the agreement does not say whose they are (warning); it declares none (info): \
              traffic to them is judged as traffic to unregistered recipients",
    action: "declare them in ownNetworks with who runs them and where: `kubectl landfall networks` prints the text to add, \
             `kubectl get nodes,servicecidrs -o wide` what it is made from",
    check: no_own_networks,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "AGREEMENT-NONE",
        severity: Error,
        milder: None,
        article: "Art. 28(3) GDPR",
        meaning: "the register holds no agreement",
        action: "register the data-processing agreement; without it nothing is judged",
        check: no_agreement,
    },
    Rule {
        id: "LAND-MISSING",
        severity: Error,
        milder: None,
        article: "§ 193 BGB, Art. 3(4) Reg. (EEC, Euratom) 1182/71",
        meaning: "a period needs public holidays, and the seat's Land is missing or not known",
        action: "set the Land of the processor's seat, such as DE-BE",
        check: no_land,
    },
    Rule {
        id: "ZONE-UNKNOWN",
        severity: Error,
        milder: None,
        article: "§§ 187, 188 BGB",
        meaning: "the time zone in which days are counted does not exist",
        action: "set an IANA zone, such as Europe/Berlin",
        check: unknown_zone,
    },
    Rule {
        id: "ENGAGEMENT-UNKNOWN",
        severity: Error,
        milder: None,
        article: "Art. 28(2), (4) GDPR",
        meaning: "the agreement lists a sub-processor that the register does not have",
        action: "register it, or take it off the list",
        check: unknown_recipient,
    },
    Rule {
        id: "ENGAGEMENT-DATES",
        severity: Error,
        milder: None,
        article: "Art. 28(2) GDPR",
        meaning: "a sub-processor ends before it begins",
        action: "correct the dates",
        check: ends_before_it_begins,
    },
    Rule {
        id: "ENDPOINT-NONE",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), 44 GDPR",
        meaning: "a listed recipient has no endpoints: no traffic to it will be recognised",
        action: "register its hosts or prefixes with their places",
        check: no_endpoints,
    },
    Rule {
        id: "TENANT-UNKNOWN",
        severity: Warning,
        milder: None,
        article: "Art. 28(3)(a) GDPR",
        meaning: "a sub-processor is switched on for a tenant that belongs to no controller",
        action: "correct the tenant, or register the controller to whom it belongs",
        check: unknown_tenants,
    },
    Rule {
        id: "TENANT-SHARED",
        severity: Error,
        milder: None,
        article: "Art. 28(3)(a), 30(2)(a) GDPR",
        meaning: "one tenant belongs to two controllers",
        action: "give every controller tenants of its own, so that it is clear whose instruction counts",
        check: shared_tenants,
    },
    Rule {
        id: "DEVELOPMENT-NOTHING",
        severity: Warning,
        milder: None,
        article: "Art. 5(2) GDPR",
        meaning: "a legal development hits something that the register does not have",
        action: "correct the number or name; a typing error would leave the basis in force",
        check: development_without_target,
    },
    NETWORKS_UNDECLARED,
    ENDPOINT_COLLISION,
    BUS_AGREEMENT,
    BUS_SELECTOR,
    BUS_PASSWORD,
    REGISTER_NOTE,
];

fn found_elsewhere(_: &Case<'_>) -> Vec<Found> {
    Vec::new()
}

fn no_agreement(case: &Case<'_>) -> Vec<Found> {
    let none = case.ruleset.agreements.is_empty();
    none.then(|| Found::register("holds no agreement".to_owned())).into_iter().collect()
}

fn no_land(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let needing = duties_with_holidays(agreement);
        if needing.is_empty() {
            continue;
        }
        let what = match &agreement.land {
            None => "the Land of the seat is missing".to_owned(),
            Some(land) if land.parse::<Land>().is_err() => format!("the holidays of {land:?} are not known"),
            Some(_) => continue,
        };
        let clause = needing.iter().find_map(|duty| agreement.clause(*duty));
        found.push(Found::agreement(id, clause, format!("{what}, and {} need public holidays", list(&needing))));
    }
    found
}

fn duties_with_holidays(agreement: &Agreement) -> Vec<Obligation> {
    let periods = clock::DUTIES.iter().filter_map(|duty| Some((duty.id, agreement.period(duty.id)?)));
    let needs_holidays =
        |rule: &clock::Rule| rule.unit == PeriodUnit::WorkingDays || (rule.roll && rule.unit != PeriodUnit::Hours);
    periods.filter(|(_, rule)| needs_holidays(rule)).map(|(id, _)| id).collect()
}

fn unknown_zone(case: &Case<'_>) -> Vec<Found> {
    let unknown = case.agreements().filter(|(_, agreement)| clock::zone(&agreement.zone).is_err());
    unknown.map(|(id, agreement)| Found::agreement(id, None, format!("{:?} is no time zone", agreement.zone))).collect()
}

fn unknown_recipient(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        for (name, engagement) in &agreement.engagements {
            if !case.ruleset.recipients.contains_key(name) {
                let clause = engagement.clause.as_ref().or_else(|| agreement.clause(Obligation::SubList));
                found.push(Found::agreement(id, clause, format!("lists {name}, which is no Recipient")));
            }
        }
    }
    found
}

fn ends_before_it_begins(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        for (name, engagement) in &agreement.engagements {
            if let (Some(begin), Some(end)) = (engagement.effective_from, engagement.ended)
                && end <= begin
            {
                let text = format!("{name} may be used from {begin} and not from {end} on");
                found.push(Found::agreement(id, engagement.clause.as_ref(), text));
            }
        }
    }
    found
}

fn no_endpoints(case: &Case<'_>) -> Vec<Found> {
    let without = case.listed.iter().filter(|listed| listed.recipient.endpoints.is_empty());
    without.map(|listed| Found::recipient(listed.name, "no endpoint is registered".to_owned())).collect()
}

fn unknown_tenants(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let known: BTreeSet<_> = agreement.controllers.iter().flat_map(|controller| &controller.tenants).collect();
        for (name, engagement) in &agreement.engagements {
            let Activation::PerTenant { tenants } = &engagement.activation else { continue };
            for tenant in tenants.iter().filter(|tenant| !known.contains(tenant)) {
                let text = format!("{name} is switched on for the tenant {tenant}, which belongs to no controller");
                found.push(Found::agreement(id, engagement.clause.as_ref(), text));
            }
        }
    }
    found
}

fn shared_tenants(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let mut known = BTreeSet::new();
        for tenant in agreement.controllers.iter().flat_map(|controller| &controller.tenants) {
            if !known.insert(tenant) {
                found.push(Found::agreement(id, None, format!("the tenant {tenant} belongs to two controllers")));
            }
        }
    }
    found
}

/// Traffic alone does not distinguish the processor's own hosts from those of others, and Landfall does not guess.
fn no_own_networks(case: &Case<'_>) -> Vec<Found> {
    let without = case.agreements().filter(|(_, agreement)| agreement.own_networks.is_empty());
    let text = "declares no network of the processor's own; text to add: \
                ownNetworks: [{ cidrs: [PREFIX], operator: COMPANY, jurisdiction: COUNTRY }]";
    without.map(|(id, _)| Found::agreement(id, None, text.to_owned()).mild(true)).collect()
}

fn development_without_target(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let laws: BTreeSet<_> = case.ruleset.assessments.values().flat_map(|assessment| &assessment.laws).collect();
    for development in &case.ruleset.developments {
        let bases = development.bases.iter().filter_map(|hit| match &hit.target {
            BasisTarget::Decision(number) => case.ruleset.bases.act(number).is_none().then_some(number),
            BasisTarget::Name(name) => case.ruleset.bases.get(name).is_none().then_some(name),
        });
        let assessments = development.assessments.iter().filter_map(|hit| match &hit.target {
            AssessmentTarget::Name(name) => (!case.ruleset.assessments.contains_key(name)).then_some(name),
            AssessmentTarget::Input(law) => (!laws.contains(law)).then_some(law),
        });
        let ended = development.ended.iter().map(|ended| &ended.recipient);
        let ended = ended.filter(|name| !case.ruleset.recipients.contains_key(*name));
        for target in bases.chain(assessments).chain(ended) {
            let text = format!("hits {target:?}, which the register does not have");
            found.push(Found::development(&development.name, text));
        }
    }
    found
}
