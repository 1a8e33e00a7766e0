//! What a schema says about its fields besides their types: Confluent's data contracts.
//! <https://docs.confluent.io/platform/current/schema-registry/fundamentals/data-contracts.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// How many paths with tags are read of a schema. Each is compared with each field.
const MAX_PATHS: usize = 1000;
const MAX_PATH: usize = 512;

/// Tags and rules of a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contract {
    /// `metadata.tags`: tags by a path with wildcards, such as `**.email`.
    pub tags: BTreeMap<String, BTreeSet<String>>,
    /// What is encrypted before it is written.
    pub encryption: Vec<EncryptionRule>,
    /// Whether paths were left out, because there are too many or they are too long.
    pub is_cut: bool,
}

/// A rule by which producers encrypt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncryptionRule {
    /// Texts and bytes of the fields with one of these tags, or of all fields if there are none (`ENCRYPT`).
    Fields { tags: BTreeSet<String> },
    /// The message as a whole (`ENCRYPT_PAYLOAD`).
    Payload,
}

// === impl Contract ===

impl Contract {
    /// Reads `metadata` and `ruleSet` of a schema. What has another form is left out: the schema is of use without.
    pub(super) fn read(metadata: Option<&Value>, rule_set: Option<&Value>) -> Self {
        let mut contract = Self::default();
        let paths = metadata.and_then(|metadata| metadata.get("tags")).and_then(Value::as_object);
        for (path, tags) in paths.into_iter().flatten() {
            if contract.tags.len() == MAX_PATHS || path.len() > MAX_PATH {
                contract.is_cut = true;
                continue;
            }
            let tags = texts(Some(tags));
            if !tags.is_empty() {
                contract.tags.insert(path.clone(), tags);
            }
        }
        // Rules that encrypt a message as a whole stand among those of the encoding in newer registries.
        let lists = ["domainRules", "encodingRules"].map(|name| rule_set.and_then(|rules| rules.get(name)));
        let rules = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
        contract.encryption = rules.filter_map(EncryptionRule::read).collect();
        contract
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.encryption.is_empty()
    }

    /// Bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        let of = |tags: &BTreeSet<String>| tags.iter().map(String::len).sum::<usize>();
        let tags = self.tags.iter().map(|(path, tags)| path.len() + of(tags)).sum::<usize>();
        let rules = self.encryption.iter().map(|rule| match rule {
            EncryptionRule::Fields { tags } => of(tags),
            EncryptionRule::Payload => 0,
        });
        tags + rules.sum::<usize>()
    }
}

// === impl EncryptionRule ===

impl EncryptionRule {
    /// A rule that encrypts when a message is written; `None` for all others.
    fn read(rule: &Value) -> Option<Self> {
        let is = |name: &str, value: &str| {
            rule.get(name).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(value))
        };
        if rule.get("disabled") == Some(&Value::Bool(true)) || is("mode", "READ") {
            return None;
        }
        if is("type", "ENCRYPT_PAYLOAD") {
            return Some(Self::Payload);
        }
        is("type", "ENCRYPT").then(|| Self::Fields { tags: texts(rule.get("tags")) })
    }
}

fn texts(list: Option<&Value>) -> BTreeSet<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(tags: &[&str]) -> BTreeSet<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[test]
    fn tags_and_rules_that_encrypt_are_read() {
        let metadata =
            json!({ "tags": { "**.email": ["PII", "Contact"], "Order.id": [] }, "properties": { "owner": "a" } });
        let rules = json!({
            "domainRules": [
                { "name": "a", "type": "ENCRYPT", "mode": "WRITEREAD", "tags": ["PII"] },
                { "name": "b", "type": "ENCRYPT" },
                { "name": "c", "type": "CEL", "tags": ["PII"] },
                { "name": "d", "type": "ENCRYPT", "tags": ["PII"], "disabled": true },
                { "name": "e", "type": "ENCRYPT", "tags": ["PII"], "mode": "READ" },
            ],
            "encodingRules": [{ "name": "f", "type": "ENCRYPT_PAYLOAD" }],
        });
        let contract = Contract::read(Some(&metadata), Some(&rules));
        let expected = Contract {
            tags: BTreeMap::from([("**.email".to_owned(), set(&["Contact", "PII"]))]),
            encryption: vec![
                EncryptionRule::Fields { tags: set(&["PII"]) },
                EncryptionRule::Fields { tags: set(&[]) },
                EncryptionRule::Payload,
            ],
            is_cut: false,
        };
        assert_eq!(contract, expected);
        assert_eq!(contract.bytes(), "**.email".len() + "ContactPII".len() + "PII".len());
    }

    #[test]
    fn other_forms_say_nothing() {
        for other in [json!(null), json!(1), json!([]), json!({}), json!({ "tags": 1, "domainRules": 1 })] {
            assert!(Contract::read(Some(&other), Some(&other)).is_empty());
        }
        let odd = json!({ "tags": { "a": "PII", "b": [1, null], "c": ["PII", 2] }, "domainRules": [1, {}, null] });
        let contract = Contract::read(Some(&odd), Some(&odd));
        assert_eq!(contract.tags, BTreeMap::from([("c".to_owned(), set(&["PII"]))]));
        assert_eq!(contract.encryption, []);
    }

    #[test]
    fn too_many_paths_are_cut_and_that_is_said() {
        let tags: BTreeMap<String, [&str; 1]> = (0..=MAX_PATHS).map(|n| (format!("a{n}"), ["PII"])).collect();
        let contract = Contract::read(Some(&json!({ "tags": tags })), None);
        assert_eq!((contract.tags.len(), contract.is_cut), (MAX_PATHS, true));
        let long = json!({ "tags": { "a".repeat(MAX_PATH + 1): ["PII"] } });
        assert!(Contract::read(Some(&long), None).is_cut);
    }
}
