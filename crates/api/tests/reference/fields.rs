//! The fields of a schema as Markdown: a section with a table for each mapping, those below it after it.

use std::fmt::Write as _;

use serde_json::Value;

/// A mapping at `path`, and all below it; `depth` is the level of its heading.
pub(crate) fn section(path: &str, schema: &Value, depth: usize, page: &mut String) {
    let heading = "#".repeat(depth);
    writeln!(page, "\n{heading} `{path}`\n\n{}", text(schema, "description")).unwrap();
    writeln!(page, "\n| field | type | meaning |\n|---|---|---|").unwrap();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    for (name, field) in &fields {
        let below = format!("{path}.{name}");
        let needed = if required.iter().any(|it| it == *name) { ", **required**" } else { "" };
        let (kind, default) = (kind(&below, field), default(field));
        writeln!(page, "| `{name}` | {kind}{needed}{default} | {} |", meaning(field)).unwrap();
    }
    if let Some(rules) = rules(schema) {
        write!(page, "\nRules:\n{rules}").unwrap();
    }
    for (name, field) in fields {
        let (mark, inner) = inner(field);
        if inner.get("properties").is_some() {
            section(&format!("{path}.{name}{mark}"), inner, 3, page);
        }
    }
}

/// The rules across the fields of a mapping, as a list.
pub(crate) fn rules(schema: &Value) -> Option<String> {
    let lines: Vec<_> = messages(schema).map(|message| format!("- {message}\n")).collect();
    (!lines.is_empty()).then(|| lines.concat())
}

/// A text for a cell of a table.
pub(crate) fn in_line(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|").replace('<', "\\<")
}

fn messages(schema: &Value) -> impl Iterator<Item = &str> {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    rules.map(|rule| text(rule, "message"))
}

/// What a list or a mapping of any keys holds, and how its path is marked; else the field itself.
fn inner(field: &Value) -> (&'static str, &Value) {
    match (field.get("items"), field.get("additionalProperties")) {
        (Some(items), _) => ("[]", items),
        (_, Some(values)) if values.is_object() => ("{}", values),
        _ => ("", field),
    }
}

/// The type of a field, with what bounds it.
fn kind(path: &str, field: &Value) -> String {
    let (mark, inner) = inner(field);
    let one = if inner.get("properties").is_some() {
        format!("[mapping](#{})", anchor(&format!("{path}{mark}")))
    } else {
        scalar(inner)
    };
    let number = |name: &str| field[name].as_u64();
    match mark {
        "[]" => {
            let unique = match (field["x-kubernetes-list-type"].as_str(), &field["x-kubernetes-list-map-keys"]) {
                (Some("set"), _) => ", no duplicates".to_owned(),
                (Some("map"), Value::Array(keys)) => {
                    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", key.as_str().unwrap())).collect();
                    format!(", unique by {}", keys.join(" and "))
                }
                _ => String::new(),
            };
            let entries = range(number("minItems"), number("maxItems"));
            format!("list of {one}{}{unique}", entries.map_or(String::new(), |entries| format!(", {entries}")))
        }
        "{}" => {
            let entries = range(None, number("maxProperties"));
            format!("mapping of names to {one}{}", entries.map_or(String::new(), |entries| format!(", {entries}")))
        }
        _ => one,
    }
}

fn scalar(schema: &Value) -> String {
    let values: Vec<_> = schema["enum"].as_array().into_iter().flatten().collect();
    let values: Vec<_> = values.iter().map(|value| format!("`{}`", value.as_str().unwrap_or_default())).collect();
    match (values.as_slice(), schema["type"].as_str().unwrap(), schema["format"].as_str()) {
        ([only], ..) => only.clone(),
        ([values @ .., last], ..) => format!("{} or {last}", values.join(", ")),
        (_, "string", Some("date")) => "day".to_owned(),
        (_, "string", Some("date-time")) => "instant".to_owned(),
        (_, "string", Some("cidr")) => "prefix".to_owned(),
        (_, "string", _) => {
            // A bound of one character is that it is not empty.
            let least = schema["minLength"].as_u64().filter(|least| *least > 1);
            let bounds = range(least, schema["maxLength"].as_u64());
            bounds.map_or("text".to_owned(), |bounds| format!("text ({bounds})"))
        }
        (_, "integer" | "number", _) => {
            let whole = |name: &str| schema[name].as_f64().map(|bound| format!("{bound}"));
            let kind = schema["type"].as_str().unwrap();
            match (whole("minimum"), whole("maximum")) {
                (Some(least), Some(most)) => format!("{kind} ({least} to {most})"),
                (Some(least), None) => format!("{kind} (at least {least})"),
                (None, Some(most)) => format!("{kind} (at most {most})"),
                (None, None) => kind.to_owned(),
            }
        }
        (_, "object", _) => "mapping of any fields".to_owned(),
        (_, other, _) => other.to_owned(),
    }
}

fn range(least: Option<u64>, most: Option<u64>) -> Option<String> {
    Some(match (least, most) {
        (Some(least), Some(most)) if least == most => format!("{least}"),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (None, Some(most)) => format!("up to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, None) => return None,
    })
}

/// Defaults of mappings are those of their fields.
fn default(field: &Value) -> String {
    match field.get("default") {
        Some(Value::Object(_)) | None => String::new(),
        Some(Value::String(text)) => format!(", default `{text}`"),
        Some(value) => format!(", default `{value}`"),
    }
}

/// What a field says, with the rules for its value; those of a mapping with fields are in its own section.
fn meaning(field: &Value) -> String {
    let mut meaning = in_line(text(field, "description"));
    let (_, inner) = inner(field);
    let own = messages(field).filter(|_| field.get("properties").is_none());
    let of_each = messages(inner).filter(|_| !std::ptr::eq(field, inner) && inner.get("properties").is_none());
    for message in own.chain(of_each) {
        write!(meaning, " *Rule:* {}.", in_line(message)).unwrap();
    }
    meaning
}

/// How GitHub names the heading of a path.
fn anchor(path: &str) -> String {
    path.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
