//! `x-kubernetes-list-type`: the API server rejects a second item with the same key, or a second equal item of a set.
//! JSON Schema has no keyword for this.

use landfall_yaml::FieldPath;
use serde_json::Value;

use crate::Problem;

/// The items of keyed lists and sets that duplicate an earlier item.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<(FieldPath, Problem)> {
    let mut found = Vec::new();
    walk(schema, value, &FieldPath::default(), &mut found);
    found
}

fn walk(schema: &Value, value: &Value, path: &FieldPath, found: &mut Vec<(FieldPath, Problem)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(inner) = schema.get("properties").and_then(|properties| properties.get(name)) {
                    walk(inner, field, &path.key(name), found);
                }
            }
        }
        Value::Array(items) => {
            compare(schema, items, path, found);
            if let Some(inner) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    walk(inner, item, &path.index(index), found);
                }
            }
        }
        _ => {}
    }
}

fn compare(schema: &Value, items: &[Value], path: &FieldPath, found: &mut Vec<(FieldPath, Problem)>) {
    let keys: Vec<&str> = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            keys.into_iter().flatten().filter_map(Value::as_str).collect()
        }
        Some("set") => Vec::new(),
        _ => return,
    };
    let what = if keys.is_empty() { "value".to_owned() } else { keys.join(" and ") };
    let mut seen = std::collections::HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let key = match keys.as_slice() {
            [] => item.to_string(),
            keys => keys.iter().map(|key| item.get(key).unwrap_or(&Value::Null).to_string()).collect(),
        };
        let first = *seen.entry(key).or_insert(index);
        if first != index {
            found.push((path.index(index), Problem::NotUnique { what: what.clone(), first }));
        }
    }
}
