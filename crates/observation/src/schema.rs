//! JSON schemas of closed vocabularies.

use schemars::Schema;
use serde_json::{Value, json};

/// Turns the `oneOf` of documented unit variants into the plain `enum` that a structural schema of Kubernetes needs. The
/// descriptions of the variants are appended to that of the type.
pub fn flat_enum(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.remove("oneOf") else { return };
    let mut values = Vec::new();
    let mut description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    for variant in &variants {
        let names = match (variant.get("const"), variant.get("enum")) {
            (Some(name), _) => vec![name.clone()],
            (None, Some(Value::Array(names))) => names.clone(),
            _ => continue,
        };
        let text = variant.get("description").and_then(Value::as_str).unwrap_or_default();
        for name in &names {
            description.extend([" `", name.as_str().unwrap_or_default(), "`: ", text]);
        }
        values.extend(names);
    }
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), Value::Array(values));
    schema.insert("description".to_owned(), Value::String(description.trim().to_owned()));
}
