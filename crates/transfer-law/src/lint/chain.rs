//! The chains behind the listed recipients: who is in them, and whether their periods fit the agreement's.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, Listed, list},
    wording::is_same,
};
use crate::{Obligation, Period, PeriodUnit, Recipient, Ruleset};

/// The most recipients of a cycle that a finding names.
const LONGEST_CIRCLE: usize = 8;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-12",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), (4), 33(2) GDPR",
        meaning: "a recipient grants periods with which the agreement's own cannot be kept",
        action: "agree on longer notice of changes and faster reports with the recipient, or watch its list and status pages",
        check: periods_that_do_not_fit,
    },
    Rule {
        id: "NOTICE-UNKNOWN",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), (4), 33(2) GDPR",
        meaning: "it is not registered which notice of changes, or what time for reports, a recipient grants",
        action: "look the periods up in its contract and register them",
        check: unknown_periods,
    },
    Rule {
        id: "ONWARD-UNKNOWN",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), (4), 44 GDPR, (EU) 2021/914 clause 8.8",
        meaning: "it is not known to whom a recipient passes data on",
        action: "fetch its list of sub-processors and register it, also when it is empty",
        check: unknown_onward_list,
    },
    Rule {
        id: "CHAIN-BROKEN",
        severity: Error,
        milder: None,
        article: "Art. 28(4), 44 GDPR",
        meaning: "an onward recipient refers to a recipient that the register does not have",
        action: "register the recipient, or correct the reference",
        check: broken_references,
    },
    Rule {
        id: "CHAIN-CYCLE",
        severity: Warning,
        milder: None,
        article: "Art. 28(4), 44 GDPR",
        meaning: "the chain of recipients is circular",
        action: "check who actually passes data on to whom",
        check: cycles,
    },
    Rule {
        id: "CHAIN-ENTITY",
        severity: Warning,
        milder: None,
        article: "Art. 28(4), 44 GDPR",
        meaning: "an onward recipient and the register entry to which it refers are different entities",
        action: "correct the entity or the reference: bases are of one entity only",
        check: other_entity_than_referred_to,
    },
];

fn periods_that_do_not_fit(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        let Listed { agreement, recipient, name, .. } = listed;
        let owed =
            |duty: Obligation| agreement.period(duty).map(|rule| Period { amount: rule.amount.get(), unit: rule.unit });
        if let (Some(granted), Some(needed)) = (recipient.notices.sub_processor_change, owed(Obligation::SubObj))
            && is_shorter(granted, needed)
        {
            let text = format!(
                "{name} announces changes {} ahead; the controllers have {} to object",
                period_text(granted),
                period_text(needed)
            );
            found.push(Found::listed(listed, agreement.clause(Obligation::SubObj), text));
        }
        if let (Some(granted), Some(owed)) = (recipient.notices.breach, owed(Obligation::BrFirst))
            && is_longer(granted, owed)
        {
            let text = format!(
                "{name} reports breaches within {}; the first report is owed within {}",
                period_text(granted),
                period_text(owed)
            );
            found.push(Found::listed(listed, agreement.clause(Obligation::BrFirst), text));
        }
    }
    found
}

fn unknown_periods(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        let notices = &listed.recipient.notices;
        let unknown: Vec<_> = [
            ("notice of changes of its sub-processors", notices.sub_processor_change),
            ("time for reports of breaches", notices.breach),
        ]
        .into_iter()
        .filter_map(|(what, period)| period.is_none().then_some(what))
        .collect();
        if !unknown.is_empty() {
            found.push(Found::recipient(listed.name, format!("not registered: {}", list(unknown))));
        }
    }
    found
}

fn unknown_onward_list(case: &Case<'_>) -> Vec<Found> {
    let reached = reached(case).into_iter().filter(|(_, recipient)| recipient.onward.is_none());
    reached.map(|(name, _)| Found::recipient(name, "no list of onward recipients is registered".to_owned())).collect()
}

fn broken_references(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, recipient) in reached(case) {
        for reference in references(recipient).filter(|reference| !case.ruleset.recipients.contains_key(*reference)) {
            found.push(Found::recipient(name, format!("refers to {reference}, which is no Recipient")));
        }
    }
    found
}

fn other_entity_than_referred_to(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, recipient) in reached(case) {
        for onward in recipient.onward.iter().flatten() {
            let Some((next, facts)) =
                onward.recipient.as_deref().and_then(|next| case.ruleset.recipients.get_key_value(next))
            else {
                continue;
            };
            let known = [&facts.legal_entity.name, &facts.contracting_entity.name];
            if !known.into_iter().any(|known| is_same(known, &onward.entity.name)) {
                let text = format!(
                    "passes data on to {}; the entry {next}, to which it refers, is {}",
                    onward.entity.name, known[0]
                );
                found.push(Found::recipient(name, text));
            }
        }
    }
    found
}

/// The recipients that agreements list, and those behind them.
fn reached<'a>(case: &Case<'a>) -> BTreeMap<&'a str, &'a Recipient> {
    let mut reached = BTreeMap::new();
    let mut queue: Vec<_> = case.listed.iter().map(|listed| listed.name).collect();
    while let Some(name) = queue.pop() {
        let Some((name, recipient)) = case.ruleset.recipients.get_key_value(name) else { continue };
        if reached.insert(name.as_str(), recipient).is_none() {
            queue.extend(references(recipient));
        }
    }
    reached
}

fn references(recipient: &Recipient) -> impl Iterator<Item = &str> {
    recipient.onward.iter().flatten().filter_map(|onward| onward.recipient.as_deref())
}

/// One finding for every recipient to which a chain leads back.
fn cycles(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    let mut named = BTreeSet::new();
    for start in reached(case).into_keys() {
        // Depth-first with an explicit stack: a register can hold a chain of any length.
        let mut path: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut open = BTreeSet::new();
        let mut next = (!done.contains(start)).then_some(start);
        loop {
            if let Some(name) = next.take() {
                open.insert(name);
                path.push((name, targets(case.ruleset, name)));
            }
            let Some((name, left)) = path.last_mut() else { break };
            match left.pop() {
                Some(target) if open.contains(target) => {
                    if named.insert(target) {
                        let from = path.iter().position(|(name, _)| *name == target).unwrap_or_default();
                        found.push(circle(path[from..].iter().map(|(name, _)| *name), target));
                    }
                }
                Some(target) if !done.contains(target) => next = Some(target),
                Some(_) => {}
                None => {
                    done.insert(*name);
                    open.remove(name);
                    path.pop();
                }
            }
        }
    }
    found
}

fn circle<'a>(path: impl Iterator<Item = &'a str>, target: &str) -> Found {
    let mut path: Vec<_> = path.collect();
    if path.len() > LONGEST_CIRCLE {
        path.truncate(LONGEST_CIRCLE);
        path.push("…");
    }
    path.push(target);
    Found::recipient(target, format!("passes data on in a circle: {}", path.join(" → ")))
}

fn targets<'a>(ruleset: &'a Ruleset, name: &str) -> Vec<&'a str> {
    let recipient = ruleset.recipients.get(name);
    let targets: BTreeSet<_> =
        recipient.into_iter().flat_map(references).filter(|target| ruleset.recipients.contains_key(*target)).collect();
    targets.into_iter().rev().collect()
}

fn is_shorter(granted: Period, needed: Period) -> bool {
    if granted.unit == needed.unit { granted.amount < needed.amount } else { hours(granted).0 < hours(needed).1 }
}

fn is_longer(granted: Period, owed: Period) -> bool {
    if granted.unit == owed.unit { granted.amount > owed.amount } else { hours(granted).1 > hours(owed).0 }
}

/// The shortest and the longest time that a period can take, in hours.
fn hours(period: Period) -> (u32, u32) {
    let amount = u32::from(period.amount);
    match period.unit {
        PeriodUnit::Hours => (amount, amount),
        PeriodUnit::Days => (24 * amount, 24 * amount),
        // At most one Sunday per week, and never three public holidays in addition.
        PeriodUnit::WorkingDays => (24 * amount, 24 * (2 * amount + 4)),
        PeriodUnit::Weeks => (168 * amount, 168 * amount),
        PeriodUnit::Months => (28 * 24 * amount, 31 * 24 * amount),
    }
}

fn period_text(period: Period) -> String {
    let Period { amount, unit } = period;
    let unit = match unit {
        PeriodUnit::Hours => "hour",
        PeriodUnit::Days => "day",
        PeriodUnit::WorkingDays => "Werktag",
        PeriodUnit::Weeks => "week",
        PeriodUnit::Months => "month",
    };
    let plural = match unit {
        _ if amount == 1 => "",
        "Werktag" => "e",
        _ => "s",
    };
    format!("{amount} {unit}{plural}")
}
