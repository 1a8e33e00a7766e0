use std::collections::BTreeMap;

use landfall_api::{LabelSelector, SelectorOperator};

/// Whether labels meet all requirements of a selector, as Kubernetes defines it.
pub(crate) fn selects(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let LabelSelector { match_labels, match_expressions } = selector;
    match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        && match_expressions.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            let is_one = value.is_some_and(|value| requirement.values.contains(value));
            match requirement.operator {
                SelectorOperator::In => is_one,
                SelectorOperator::NotIn => !is_one,
                SelectorOperator::Exists => value.is_some(),
                SelectorOperator::DoesNotExist => value.is_none(),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_hold_as_in_kubernetes() {
        let labels = BTreeMap::from([("app".to_owned(), "crm".to_owned()), ("tier".to_owned(), "web".to_owned())]);
        let cases = [
            ("{}", true),
            (r#"{"matchLabels": {"app": "crm", "tier": "web"}}"#, true),
            (r#"{"matchLabels": {"app": "crm", "zone": "a"}}"#, false),
            (r#"{"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "crm"]}]}"#, true),
            (r#"{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}"#, false),
            (r#"{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["crm"]}]}"#, false),
            (r#"{"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "Exists"}]}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}"#, false),
            (
                r#"{"matchLabels": {"app": "crm"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}"#,
                false,
            ),
        ];
        for (selector, selected) in cases {
            assert_eq!(selects(&serde_json::from_str(selector).unwrap(), &labels), selected, "{selector}");
        }
    }
}
