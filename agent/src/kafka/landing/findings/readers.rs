//! Who may read a topic, by access control lists.

use std::collections::BTreeSet;

use crate::kafka::inventory::AccessControlEntry;

/// Principals that may read a topic and not write it. Workers of Connect do both with the topic of their configurations, and
/// superusers need no entry.
pub(super) fn readers_only(topic: &str, entries: &[AccessControlEntry]) -> BTreeSet<String> {
    let of_topic = |permission: &'static str, operation: &'static str| {
        let fits = entries.iter().filter(move |entry| {
            let is_whole = entry.operation == operation || entry.operation == "ALL";
            entry.permission == permission && is_whole && covers(entry, topic)
        });
        fits.map(|entry| (entry.principal.clone(), entry.host.clone())).collect::<BTreeSet<_>>()
    };
    // A denial for one host leaves the others.
    let denied = of_topic("DENY", "READ");
    let is_denied = |principal: &String| {
        [principal.as_str(), "User:*"].iter().any(|name| denied.contains(&((*name).to_owned(), "*".to_owned())))
    };
    let writers: BTreeSet<_> = of_topic("ALLOW", "WRITE").into_iter().map(|(principal, _)| principal).collect();
    let readers = of_topic("ALLOW", "READ").into_iter().map(|(principal, _)| principal);
    readers.filter(|principal| !writers.contains(principal) && !is_denied(principal)).collect()
}

fn covers(entry: &AccessControlEntry, topic: &str) -> bool {
    entry.resource_type == "TOPIC"
        && match entry.pattern.as_str() {
            "LITERAL" => entry.resource == topic || entry.resource == "*",
            "PREFIXED" => topic.starts_with(&entry.resource),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> AccessControlEntry {
        let words: Vec<_> = text.split(' ').map(ToOwned::to_owned).collect();
        let [principal, permission, operation, pattern, resource] = words.try_into().unwrap();
        let (host, resource_type) = ("*".to_owned(), "TOPIC".to_owned());
        AccessControlEntry { principal, host, operation, permission, resource_type, resource, pattern }
    }

    fn readers(entries: &[&str]) -> Vec<String> {
        let entries: Vec<_> = entries.iter().map(|text| entry(text)).collect();
        readers_only("connect-configs", &entries).into_iter().collect()
    }

    #[test]
    fn who_reads_and_does_not_write_is_no_worker() {
        let entries = [
            "User:worker ALLOW READ LITERAL connect-configs",
            "User:worker ALLOW WRITE PREFIXED connect-",
            "User:root ALLOW ALL LITERAL *",
            "User:archive ALLOW READ LITERAL *",
            "User:curious ALLOW READ PREFIXED conn",
            "User:other ALLOW READ LITERAL connect-status",
            "User:lister ALLOW DESCRIBE LITERAL connect-configs",
        ];
        assert_eq!(readers(&entries), ["User:archive", "User:curious"]);
    }

    #[test]
    fn a_denial_counts_for_its_principal_or_for_all() {
        let allowed = ["User:a ALLOW READ LITERAL *", "User:b ALLOW READ LITERAL *"];
        let denied = |text| readers(&[&allowed[..], &[text]].concat());
        assert_eq!(denied("User:a DENY READ LITERAL connect-configs"), ["User:b"]);
        assert_eq!(denied("User:* DENY ALL PREFIXED connect"), Vec::<String>::new());
        assert_eq!(denied("User:a DENY READ LITERAL orders"), ["User:a", "User:b"]);
    }

    #[test]
    fn an_entry_of_another_kind_of_resource_says_nothing() {
        let group = AccessControlEntry { resource_type: "GROUP".into(), ..entry("User:a ALLOW READ LITERAL *") };
        assert!(readers_only("connect-configs", &[group]).is_empty());
    }
}
