//! A schema from a registry that is a stranger's, and a message that names it.
#![no_main]

use std::sync::Arc;

use landfall_agent::kafka::{
    message::{Inspector, Limits, Message},
    schema::{NoSchema, Schema, SchemaId, SchemaSource, SchemaType, Schemas},
    schema_registry::answer::Document,
};
use libfuzzer_sys::fuzz_target;

struct One(Arc<Schema>);

impl Schemas for One {
    fn schema(&self, _: &SchemaId) -> Result<Arc<Schema>, NoSchema> {
        Ok(Arc::clone(&self.0))
    }
}

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (kind, schema, value) = input;
    let (schema_type, text) = match kind % 4 {
        0 => match Document::read(200, schema) {
            Ok(document) => (document.schema_type, document.text),
            Err(_) => return,
        },
        1 => (SchemaType::Avro, String::from_utf8_lossy(schema).into_owned()),
        2 => (SchemaType::Protobuf, String::from_utf8_lossy(schema).into_owned()),
        _ => (SchemaType::Json, String::from_utf8_lossy(schema).into_owned()),
    };
    let Ok(schema) = Schema::compile(&SchemaSource { schema_type, text, references: Vec::new() }) else { return };
    let limits = Limits::default();
    let mut inspector = Inspector::new(limits).with_schemas(Arc::new(One(Arc::new(schema))));
    let framed = [&[0, 0, 0, 0, 1], value].concat();
    let inspected = inspector.inspect(&Message { key: Some(value), value: Some(&framed), headers: Vec::new() });
    let read = 3 * limits.part + limits.decoded;
    assert!(inspected.bytes_inspected <= u64::try_from(2 * read).unwrap());
});
