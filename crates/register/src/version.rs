//! The version of a ruleset: a hash over the objects from which it was compiled.

use std::fmt::Write;

use landfall_api::Object;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Register;

/// SHA-256, in hexadecimal, over the objects as canonical JSON, one per line, sorted. Annotations are left out: nothing
/// reads them, and tools add their own.
pub(crate) fn of(register: &Register) -> String {
    let Register { agreements, recipients, bases, assessments, developments, policies, buses } = register;
    let mut lines = Vec::new();
    add(&mut lines, agreements);
    add(&mut lines, recipients);
    add(&mut lines, bases);
    add(&mut lines, assessments);
    add(&mut lines, developments);
    add(&mut lines, policies);
    add(&mut lines, buses);
    lines.sort();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update("\n");
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn add<S: Serialize>(lines: &mut Vec<String>, objects: &[Object<S>]) {
    for object in objects {
        let mut value = serde_json::to_value(object).expect("keys of the kinds are texts");
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("annotations");
        }
        let mut line = String::new();
        write_canonical(&value, &mut line);
        lines.push(line);
    }
}

/// Sorts keys by their bytes, regardless of whether `serde_json` is built with `preserve_order`.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, field)) in fields.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                let _ = write!(out, "{}:", Value::String(key.clone()));
                write_canonical(field, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}
