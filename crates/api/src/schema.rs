//! Schemas of scalar values. Each has a `format`, and a CEL rule whose message says what was expected if the format
//! does not suffice.

use std::{borrow::Cow, collections::BTreeMap};

use landfall_observation::Jurisdiction;
pub(crate) use landfall_observation::schema::flat_enum;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, transform::transform_subschemas};
use serde_json::Value;

macro_rules! text_schema {
    ($(#[$doc:meta])* $name:ident, $schema:tt) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

/// An object with arbitrary fields.
pub(crate) fn free_form(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

/// An ISO 3166-1 alpha-2 code.
pub(crate) struct JurisdictionText;

impl JsonSchema for JurisdictionText {
    fn schema_name() -> Cow<'static, str> {
        "JurisdictionText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "jurisdiction", "maxLength": 2,
            "x-kubernetes-validations": [{
                "rule": format!("self.matches('^({})$')", codes()),
                "message": "expected an ISO 3166-1 alpha-2 code in capitals such as \"DE\"",
            }],
        })
    }
}

/// All codes as one expression, by their first letter: `A[DEF…]|B[A…]|…`.
fn codes() -> String {
    let mut by_first: BTreeMap<char, String> = BTreeMap::new();
    for code in Jurisdiction::all() {
        let [first, second] = code.letters().map(char::from);
        by_first.entry(first).or_default().push(second);
    }
    let alternatives: Vec<_> = by_first.into_iter().map(|(first, seconds)| format!("{first}[{seconds}]")).collect();
    alternatives.join("|")
}

text_schema!(
    /// A DPV concept for a kind of personal data.
    CategoryText,
    {
        "type": "string", "format": "data-category", "maxLength": 96,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^(pd|dpv):[A-Z][A-Za-z0-9]*$')",
            "message": "expected a DPV identifier such as \"pd:EmailAddress\"",
        }],
    }
);

text_schema!(
    /// A DPV concept other than a kind of personal data.
    ConceptText,
    {
        "type": "string", "maxLength": 96,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^dpv:[A-Z][A-Za-z0-9]*$')",
            "message": "expected a DPV identifier such as \"dpv:DirectMarketing\"",
        }],
    }
);

text_schema!(
    /// A network prefix without host bits.
    CidrText,
    {
        "type": "string", "format": "cidr", "maxLength": 43,
        "x-kubernetes-validations": [{
            "rule": "isCIDR(self) && cidr(self) == cidr(self).masked()",
            "message": "expected a prefix without host bits such as \"192.0.2.0/24\"",
        }],
    }
);

text_schema!(
    /// A host name, or `*.` and a suffix.
    HostText,
    {
        "type": "string", "maxLength": 253, "minLength": 1,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^([*][.])?[a-z0-9_-]+([.][a-z0-9_-]+)+$')",
            "message": "expected a host name in lower case such as \"api.example.org\", or \"*.example.org\" for all below it",
        }],
    }
);

text_schema!(
    /// A version of TLS.
    TlsVersionText,
    { "type": "string", "enum": ["1.0", "1.1", "1.2", "1.3"] }
);

text_schema!(
    /// Number of an autonomous system.
    AsnNumber,
    { "type": "integer", "format": "int64", "minimum": 1, "maximum": 4_294_967_295_u32 }
);

text_schema!(
    /// A count.
    CountNumber,
    { "type": "integer", "format": "int64", "minimum": 0 }
);

text_schema!(
    /// The stable name of a reason, for programs.
    CodeText,
    { "type": "string", "minLength": 1, "maxLength": 64 }
);

text_schema!(
    /// A sentence.
    SentenceText,
    { "type": "string", "maxLength": 1024 }
);

text_schema!(
    /// A port of TCP, UDP or SCTP.
    PortNumber,
    { "type": "integer", "format": "int32", "minimum": 1, "maximum": 65535 }
);

text_schema!(
    /// Name of another object.
    NameText,
    {
        "type": "string", "minLength": 1, "maxLength": 253,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
            "message": "expected the name of an object such as \"crm-processor\"",
        }],
    }
);

text_schema!(
    /// Name of a namespace.
    NamespaceText,
    {
        "type": "string", "minLength": 1, "maxLength": 63,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            "message": "expected the name of a namespace such as \"privacy\"",
        }],
    }
);

text_schema!(
    /// Host and port.
    ServerText,
    {
        "type": "string", "minLength": 3, "maxLength": 300,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^([A-Za-z0-9_.-]+|\\\\[[0-9A-Fa-f:.]+\\\\]):[1-9][0-9]{0,4}$')",
            "message": "expected a host and a port such as \"kafka.example.org:9092\"",
        }],
    }
);

text_schema!(
    /// Address of a service that speaks HTTP, without credentials, query and fragment.
    UrlText,
    {
        "type": "string", "minLength": 8, "maxLength": 512,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^https?://[^/@?# ]+(/[^@?# ]*)?$')",
            "message": "expected an http or https address without user, password and query, such as \"https://registry.example.org\"",
        }],
    }
);

text_schema!(
    /// Name of a topic, or the beginning of one.
    TopicText,
    {
        "type": "string", "minLength": 1, "maxLength": 249,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^[A-Za-z0-9._-]+$')",
            "message": "expected letters, digits, '.', '_' and '-', as in names of topics; patterns are in globs",
        }],
    }
);

text_schema!(
    /// Pattern of names of topics.
    TopicGlobText,
    {
        "type": "string", "minLength": 1, "maxLength": 249,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^[A-Za-z0-9._*?-]+$')",
            "message": "expected a pattern such as \"*.orders\": letters, digits, '.', '_', '-', '*' and '?'",
        }],
    }
);

text_schema!(
    /// A short text.
    ShortText,
    { "type": "string", "minLength": 1, "maxLength": 256 }
);

text_schema!(
    /// The value of a label.
    LabelText,
    { "type": "string", "maxLength": 63 }
);

text_schema!(
    /// The value of an annotation.
    AnnotationText,
    { "type": "string", "maxLength": 262_144 }
);

/// Removes `null` from the types and values of a schema: optional fields are absent, as for the API server.
pub(crate) fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    transform_subschemas(&mut without_null, schema);
}

/// Parsers of `date` and `date-time` differ in edge cases: lower-case letters, leap seconds, offsets of a day, the
/// last year. With a pattern the API server and the folder loader accept the same values.
pub(crate) fn exact_times(schema: &mut Schema) {
    const DAY: &str = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}";
    const TIME: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?";
    const OFFSET: &str = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    let pattern = match schema.get("format").and_then(Value::as_str) {
        Some("date") => Some(format!("^{DAY}$")),
        Some("date-time") => Some(format!("^{DAY}T{TIME}{OFFSET}$")),
        _ => None,
    };
    if let Some(pattern) = pattern {
        schema.insert("pattern".to_owned(), Value::String(pattern));
    }
    transform_subschemas(&mut exact_times, schema);
}
