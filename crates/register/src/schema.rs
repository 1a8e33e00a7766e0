//! The generated schema of each kind, closed against unknown fields and compiled once.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::IpNet;
use jiff::{Timestamp, civil::Date};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use landfall_api::{
    Kind, LegalDevelopmentSpec, MessageBusSpec, ProcessingAgreementSpec, RecipientSpec, TransferBasisSpec,
    TransferImpactAssessmentSpec, TransferPolicySpec, schema_of,
};
use landfall_observation::{DataCategory, Jurisdiction};
use landfall_yaml::FieldPath;
use serde_json::Value;

use crate::{Problem, uniqueness};

/// The most faults that are reported for one document.
const MOST: usize = 200;

/// The schema of one kind.
pub(crate) struct Schema {
    pub(crate) kind: &'static str,
    pub(crate) namespaced: bool,
    source: Value,
    fields: jsonschema::Validator,
    rules: kube_cel::CompiledSchema,
}

/// The kinds of objects in a register.
static SCHEMAS: LazyLock<[Schema; 7]> = LazyLock::new(|| {
    [
        Schema::of::<ProcessingAgreementSpec>(),
        Schema::of::<RecipientSpec>(),
        Schema::of::<TransferBasisSpec>(),
        Schema::of::<TransferImpactAssessmentSpec>(),
        Schema::of::<LegalDevelopmentSpec>(),
        Schema::of::<TransferPolicySpec>(),
        Schema::of::<MessageBusSpec>(),
    ]
});

/// The schema of the kind with this name.
pub(crate) fn of_kind(kind: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.kind == kind)
}

/// The names of all kinds.
pub(crate) fn kinds() -> String {
    SCHEMAS.iter().map(|schema| schema.kind).collect::<Vec<_>>().join(", ")
}

impl Schema {
    fn of<S: Kind>() -> Self {
        let mut source = schema_of::<S>();
        close(&mut source);
        let fields = jsonschema::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_format("jurisdiction", |text: &str| text.parse::<Jurisdiction>().is_ok())
            .with_format("data-category", |text: &str| text.parse::<DataCategory>().is_ok())
            .with_format("cidr", is_prefix)
            .with_format("date", |text: &str| text.len() == 10 && text.parse::<Date>().is_ok())
            .with_format("date-time", |text: &str| {
                text.as_bytes().get(10) == Some(&b'T') && text.parse::<Timestamp>().is_ok()
            })
            .build(&source)
            .expect("generated from types, and covered by tests");
        let rules = kube_cel::compile_schema(&source);
        Self { kind: S::KIND, namespaced: S::NAMESPACED, source, fields, rules }
    }

    /// Removes known fields that are null, which the API server treats as absent. Unknown fields are kept and reported.
    pub(crate) fn without_null(&self, mut object: Value) -> Value {
        drop_null(&self.source, &mut object);
        object
    }

    /// The violations of the schema by an object: bounds and types first; CEL rules only if there are none.
    pub(crate) fn faults(&self, rules: &kube_cel::Validator, object: &Value) -> Vec<(FieldPath, Problem)> {
        let mut found: Vec<(FieldPath, Problem)> = Vec::new();
        for error in self.fields.iter_errors(object).take(MOST) {
            if found.len() >= MOST {
                break;
            }
            for (path, expected) in self.expected(&error) {
                // A value of the wrong type violates most keywords of its schema at once.
                if !found.iter().any(|(known, _)| *known == path) {
                    found.push((path, Problem::Schema(expected)));
                }
            }
        }
        if found.is_empty() {
            found = uniqueness::faults(&self.source, object);
        }
        if found.is_empty()
            && let Err(errors) = rules.validate_compiled(&self.rules, object, None)
        {
            let broken = errors.into_iter().take(MOST);
            found.extend(
                broken.map(|error| (FieldPath::from_dotted(&error.field_path), Problem::Rule(rule_message(&error)))),
            );
        }
        found
    }

    /// Where and what was expected, without the actual value.
    fn expected(&self, error: &ValidationError<'_>) -> Vec<(FieldPath, String)> {
        let path = FieldPath::from_pointer(error.instance_path().as_str());
        let pointer = error.schema_path().as_str();
        let node = pointer.rsplit_once('/').and_then(|(node, _)| self.source.pointer(node));
        let keyword = |name: &str| node.and_then(|node| node.get(name));
        let expected = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = keyword("properties")
                    .and_then(Value::as_object)
                    .map(|known| known.keys().map(String::as_str).collect::<Vec<_>>().join(", "));
                let expected = format!("unknown field, expected one of {}", known.unwrap_or_default());
                return unexpected.iter().take(MOST).map(|name| (path.key(name), expected.clone())).collect();
            }
            ValidationErrorKind::Required { property } => {
                return vec![(path.key(property.as_str().unwrap_or_default()), "expected this field".to_owned())];
            }
            _ if keyword("enum").is_some() => {
                format!("expected one of {}{}", list(keyword("enum")), quotes(error))
            }
            ValidationErrorKind::Type { .. } => type_expected(keyword("type"), error),
            // For a malformed code the error describes the code, not the length that it should have.
            ValidationErrorKind::Format { .. }
            | ValidationErrorKind::Pattern { .. }
            | ValidationErrorKind::MinLength { .. }
            | ValidationErrorKind::MaxLength { .. }
                if let Some(format) = keyword("format").and_then(Value::as_str)
                    && let Some(expected) = format_expected(format) =>
            {
                format!("{expected}{}", meant(format, error.instance()))
            }
            ValidationErrorKind::MinLength { limit } => format!("expected at least {limit} characters"),
            ValidationErrorKind::MaxLength { limit } => format!("expected at most {limit} characters"),
            ValidationErrorKind::MinItems { limit } => format!("expected at least {limit} items"),
            ValidationErrorKind::MaxItems { limit } => format!("expected at most {limit} items"),
            ValidationErrorKind::MaxProperties { limit } => format!("expected at most {limit} entries"),
            ValidationErrorKind::Minimum { limit } => format!("expected at least {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("expected at most {limit}"),
            other => format!("expected what the schema asks by {:?}", other.keyword()),
        };
        vec![(path, expected)]
    }
}

/// The message of a rule. The message of an evaluation error may quote values and is replaced.
fn rule_message(error: &kube_cel::ValidationError) -> String {
    match error.kind {
        kube_cel::ErrorKind::ValidationFailure => error.message.clone(),
        _ => "expected values that the rules of the schema can be applied to".to_owned(),
    }
}

fn type_expected(name: Option<&Value>, error: &ValidationError<'_>) -> String {
    match name.and_then(Value::as_str) {
        Some("string") => format!("expected a text{}", quotes(error)),
        Some("array") => "expected a list".to_owned(),
        Some("object") => "expected a mapping".to_owned(),
        Some("boolean") => "expected true or false".to_owned(),
        Some("integer") => "expected a whole number".to_owned(),
        _ => "expected another type".to_owned(),
    }
}

/// The hint to use quotes: unquoted versions and dates can be read as numbers in YAML.
fn quotes(error: &ValidationError<'_>) -> &'static str {
    match **error.instance() {
        Value::Number(_) | Value::Bool(_) => ", in quotes",
        _ => "",
    }
}

fn format_expected(format: &str) -> Option<&'static str> {
    let expected = match format {
        "jurisdiction" => "expected an ISO 3166-1 alpha-2 code in capitals such as \"DE\"",
        "data-category" => "expected a DPV identifier such as \"pd:EmailAddress\"",
        "cidr" => "expected a prefix without host bits such as \"192.0.2.0/24\"",
        "date" => "expected a day such as \"2026-08-05\"",
        "date-time" => "expected an instant such as \"2026-08-05T12:00:00Z\"",
        _ => return None,
    };
    Some(expected)
}

/// What is probably meant by a text that is not a code. It is quoted only if it is in the list of common mistakes.
fn meant(format: &str, value: &Value) -> String {
    let Some(text) = value.as_str().filter(|_| format == "jurisdiction") else { return String::new() };
    match (text, Jurisdiction::guess(text)) {
        (_, Some(code)) => format!(r#"; for {text:?} write "{code}""#),
        ("EU" | "EEA" | "EWR", None) => {
            format!("; {text:?} is not a country: name the member states that are meant")
        }
        (_, None) => String::new(),
    }
}

fn list(values: Option<&Value>) -> String {
    let values = values.and_then(Value::as_array).into_iter().flatten();
    values.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn drop_null(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let of_field = |key: &str| {
                let known = schema.get("properties").and_then(|properties| properties.get(key));
                known.or_else(|| schema.get("additionalProperties").filter(|inner| inner.is_object()))
            };
            fields.retain(|key, field| !field.is_null() || of_field(key).is_none());
            for (key, field) in fields {
                if let Some(inner) = of_field(key) {
                    drop_null(inner, field);
                }
            }
        }
        Value::Array(items) => {
            if let Some(inner) = schema.get("items") {
                for item in items {
                    drop_null(inner, item);
                }
            }
        }
        _ => {}
    }
}

/// Whether a text is a prefix without host bits as the API server accepts one: neither `010.0.0.0/08`, which some
/// parsers read as octal, nor an IPv4 address written as IPv6.
fn is_prefix(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>()) else { return false };
    let plain = text.ends_with(&format!("/{length}"));
    plain && address.to_canonical() == address && IpNet::new(address, length).is_ok_and(|net| net == net.trunc())
}

/// Rejects unknown fields in every object whose fields the schema lists.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(node) => {
            node.values_mut().for_each(close);
            if node.get("properties").is_some_and(Value::is_object) && !node.contains_key("additionalProperties") {
                node.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{ParseCategoryError, ParseJurisdictionError};

    use super::*;

    fn broken_rules(schema: &kube_cel::CompiledSchema, found: &mut Vec<String>) {
        found.extend(schema.compilation_errors().into_iter().map(ToString::to_string));
        let inner =
            schema.properties.values().chain(schema.items.as_deref()).chain(schema.additional_properties.as_deref());
        inner.for_each(|inner| broken_rules(inner, found));
    }

    #[test]
    fn every_rule_compiles() {
        let mut found = Vec::new();
        SCHEMAS.iter().for_each(|schema| broken_rules(&schema.rules, &mut found));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn formats_say_what_their_types_say() {
        assert_eq!(format_expected("jurisdiction").unwrap(), ParseJurisdictionError.to_string());
        assert_eq!(format_expected("data-category").unwrap(), ParseCategoryError.to_string());
    }
}
