//! Gaps and contradictions within the text: annexes and encryption.

use std::collections::BTreeMap;

use landfall_observation::TlsVersion;

use super::{
    Rule,
    Severity::{Error, Info, Warning},
    case::{Case, Found},
};
use crate::{Agreement, Citation, EncryptionEnd, Statement, StatementTopic, Subject};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-02",
        severity: Error,
        milder: None,
        article: "Art. 28(3) GDPR",
        meaning: "an annex is announced and the text has none",
        action: "agree on the annex, or delete its announcement",
        check: missing_annex,
    },
    Rule {
        id: "GAP-08",
        severity: Warning,
        milder: None,
        article: "Art. 32 GDPR, EDPB Rec. 01/2020 use case 6",
        meaning: "end-to-end encryption is claimed where the importer holds one end",
        action: "do not count it as a supplementary measure, and correct the claim",
        check: encryption_with_the_importer,
    },
    Rule {
        id: "E2EE-UNKNOWN",
        severity: Warning,
        milder: None,
        article: "Art. 32 GDPR, EDPB Rec. 01/2020 use case 6",
        meaning: "end-to-end encryption is claimed and the register does not say who holds the business-side end",
        action: "find out who holds the business-side end and register it",
        check: encryption_with_unknown_end,
    },
    Rule {
        id: "GAP-09",
        severity: Info,
        milder: None,
        article: "Art. 32 GDPR",
        meaning: "the versions of TLS promised for the recipients differ",
        action: "promise one minimum version for all, or check each recipient against its own",
        check: uneven_tls,
    },
    Rule {
        id: "TLS-OLD",
        severity: Error,
        milder: None,
        article: "Art. 32 GDPR, RFC 8996",
        meaning: "a minimum TLS version below 1.2 is promised",
        action: "promise TLS 1.2 or later",
        check: old_tls,
    },
    Rule {
        id: "GAP-13",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 28(3), (9) GDPR",
        meaning: "an annex has no revision, so that it is not clear which version was agreed",
        action: "give every annex a date or number of its own",
        check: annex_without_revision,
    },
];

fn missing_annex(case: &Case<'_>) -> Vec<Found> {
    let annexes =
        case.agreements().flat_map(|(id, agreement)| agreement.text.annexes.iter().map(move |annex| (id, annex)));
    annexes
        .filter(|(_, annex)| !annex.present)
        .map(|(id, annex)| {
            Found::agreement(id, Some(&annex.clause), format!("{} is announced, and the text has none", annex.name))
        })
        .collect()
}

fn annex_without_revision(case: &Case<'_>) -> Vec<Found> {
    let annexes =
        case.agreements().flat_map(|(id, agreement)| agreement.text.annexes.iter().map(move |annex| (id, annex)));
    annexes
        .filter(|(_, annex)| {
            annex.present && annex.revision.as_deref().is_none_or(|revision| revision.trim().is_empty())
        })
        .map(|(id, annex)| Found::agreement(id, Some(&annex.clause), format!("{} has no revision", annex.name)))
        .collect()
}

fn encryption_with_the_importer(case: &Case<'_>) -> Vec<Found> {
    end_to_end(
        case,
        Some(EncryptionEnd::Importer),
        "the business-side end is run by the importer, for which there is no encryption",
    )
}

fn encryption_with_unknown_end(case: &Case<'_>) -> Vec<Found> {
    end_to_end(case, None, "who holds the business-side end is not registered")
}

fn end_to_end(case: &Case<'_>, end: Option<EncryptionEnd>, what: &str) -> Vec<Found> {
    case.statements()
        .filter(|(_, _, statement)| statement.topic == StatementTopic::EndToEndEncryption)
        .filter_map(|(id, _, statement)| Some((case.about(id, statement)?, statement)))
        .filter(|(listed, _)| listed.recipient.end_to_end == end)
        .map(|(listed, statement)| {
            let text = format!("encryption from end to end is claimed for {}; {what}", listed.name);
            Found::listed(listed, Some(&statement.line), text)
        })
        .collect()
}

fn uneven_tls(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let promises = promises(agreement);
        let mut recipients: BTreeMap<TlsVersion, usize> = BTreeMap::new();
        for (_, version, _) in promises.iter().filter(|(recipient, ..)| recipient.is_some()) {
            *recipients.entry(*version).or_default() += 1;
        }
        // The version promised for most recipients is the usual one; of equally frequent versions the lowest.
        let Some((usual, _)) = recipients.iter().rev().max_by_key(|(_, count)| **count) else { continue };
        for (recipient, version, clause) in &promises {
            if let Some(recipient) = recipient
                && version != usual
            {
                let text = format!("TLS {version} is promised for {recipient}, TLS {usual} for the others");
                found.push(Found::agreement(id, Some(clause), text));
            }
        }
    }
    found
}

fn old_tls(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let general = agreement.minimum_tls.iter().map(|promise| (None, promise.version, &promise.clause));
        for (recipient, version, clause) in general.chain(promises(agreement)) {
            if version < TlsVersion::V1_2 {
                let whom = recipient.map(|name| format!(" for {name}")).unwrap_or_default();
                found.push(Found::agreement(
                    id,
                    Some(clause),
                    format!("TLS {version} is promised as the minimum version{whom}"),
                ));
            }
        }
    }
    found
}

/// The promised TLS versions, each with the recipient and the citation.
fn promises(agreement: &Agreement) -> Vec<(Option<&str>, TlsVersion, &Citation)> {
    let claims = agreement.text.statements.iter().filter(|claim| claim.topic == StatementTopic::TransportEncryption);
    let mut promises: Vec<_> = claims
        .filter_map(|claim| {
            let Statement { line, subject, tls, .. } = claim;
            let recipient = match subject {
                Subject::Recipient(name) => Some(name.as_str()),
                Subject::Agreement => None,
            };
            Some((recipient, (*tls)?, line))
        })
        .collect();
    for (name, engagement) in &agreement.engagements {
        if let Some(promise) = &engagement.minimum_tls
            && !promises.iter().any(|(recipient, ..)| *recipient == Some(name))
        {
            promises.push((Some(name), promise.version, &promise.clause));
        }
    }
    promises
}
