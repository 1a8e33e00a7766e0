//! Protobuf schemas: compiled by `protox`, then kept as a list of message types that refer to each other by index.

mod imports;
mod nesting;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};
use protox::Compiler;

use super::{
    MAX_TYPES, SchemaError, SchemaSource,
    fields::{Declares, Found},
};
use imports::Imports;

/// The option of a field that holds Confluent's tags.
const FIELD_META: &str = "confluent.field_meta";

/// A compiled schema.
pub(in crate::kafka) struct ProtobufSchema {
    messages: Vec<MessageType>,
    top: Vec<usize>,
}

/// A message type; others are named by their index.
pub(in crate::kafka) struct MessageType {
    full_name: String,
    pub(in crate::kafka) form: Form,
    /// By number.
    fields: Vec<Field>,
    /// The message types that are declared inside it, in their order, without those of maps.
    nested: Vec<usize>,
}

/// How a message is rendered: some types stand for values of JSON
/// (<https://protobuf.dev/programming-guides/json/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kafka) enum Form {
    /// As an object.
    Object,
    /// As the values in it, without names: wrappers such as `StringValue`, `Value` and `ListValue`.
    Values,
    /// As an object with the entries of its only map: `Struct`.
    Entries,
}

/// A field of a message.
pub(in crate::kafka) struct Field {
    number: u32,
    pub(in crate::kafka) name: String,
    tags: Vec<String>,
    pub(in crate::kafka) kind: FieldKind,
}

/// What is in a field; `repeated` needs no mark, since any field may come more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kafka) enum FieldKind {
    Text,
    Bytes,
    Bool,
    Signed,
    Unsigned,
    /// Signed numbers in zigzag form.
    Zigzag,
    Fixed32,
    Fixed64,
    SignedFixed32,
    SignedFixed64,
    Float,
    Double,
    Message(usize),
    Group(usize),
    /// The message type of its entries.
    Map(usize),
}

/// Turns descriptors into message types.
struct Builder {
    messages: Vec<MessageType>,
    known: HashMap<String, usize>,
    waiting: Vec<(usize, MessageDescriptor)>,
    pool: DescriptorPool,
}

// === impl ProtobufSchema ===

impl ProtobufSchema {
    /// Compiles a schema with its imports.
    pub(super) fn compile(source: &SchemaSource) -> Result<Self, SchemaError> {
        let imports = Imports::new(source);
        imports.texts().try_for_each(nesting::check)?;
        // The compiler is bounded by what was checked above. Should a text nevertheless make it panic, that schema is
        // refused and the others are read on.
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            let mut compiler = Compiler::with_file_resolver(imports);
            compiler.open_file(imports::MAIN).map(|compiler| compiler.descriptor_pool())
        }));
        let pool = compiled.map_err(|_| SchemaError::Invalid)?.map_err(|_| SchemaError::Invalid)?;
        let file = pool.get_file_by_name(imports::MAIN).ok_or(SchemaError::Invalid)?;
        let mut builder =
            Builder { messages: Vec::new(), known: HashMap::new(), waiting: Vec::new(), pool: pool.clone() };
        let top = file.messages().map(|message| builder.refer(&message)).collect::<Result<Vec<_>, _>>()?;
        builder.finish()?;
        if top.is_empty() {
            return Err(SchemaError::Invalid);
        }
        Ok(Self { messages: builder.messages, top })
    }

    /// The message types at the top of the file, in their order.
    pub(in crate::kafka) fn top(&self) -> &[usize] {
        &self.top
    }

    pub(in crate::kafka) fn get(&self, index: usize) -> Option<&MessageType> {
        self.messages.get(index)
    }

    /// The message type at the end of a list of indexes: one at the top, then of those that are nested in it.
    pub(in crate::kafka) fn by_indexes(&self, indexes: &[usize]) -> Option<usize> {
        let (first, rest) = indexes.split_first()?;
        rest.iter()
            .try_fold(*self.top.get(*first)?, |around, nested| self.messages.get(around)?.nested.get(*nested).copied())
    }

    /// The message type with this number in AWS Glue's count: those at the top by name, then those one level below by
    /// name, and so on.
    pub(in crate::kafka) fn by_number(&self, mut number: usize) -> Option<usize> {
        let mut level = self.top.clone();
        while !level.is_empty() {
            level.sort_by_key(|index| self.messages.get(*index).map(|message| message.full_name.as_str()));
            if let Some(index) = level.get(number) {
                return Some(*index);
            }
            number -= level.len();
            let nested = level.iter().filter_map(|index| self.messages.get(*index));
            level = nested.flat_map(|message| message.nested.iter().copied()).collect();
        }
        None
    }

    /// The message type with this full name, or with this name at the top of the file.
    pub(in crate::kafka) fn by_name(&self, name: &str) -> Option<usize> {
        let full = self.messages.iter().position(|message| message.full_name == name);
        let short = |index: &usize| {
            self.messages.get(*index).is_some_and(|message| message.full_name.rsplit('.').next() == Some(name))
        };
        full.or_else(|| self.top.iter().copied().find(short))
    }
}

impl MessageType {
    pub(in crate::kafka) fn field(&self, number: u32) -> Option<&Field> {
        let position = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(position)
    }
}

impl Declares for ProtobufSchema {
    fn each_field(&self, index: usize, found: &mut Found<'_>) {
        let Some(message) = self.get(index).filter(|message| message.form == Form::Object) else { return };
        for field in &message.fields {
            let below = match field.kind {
                FieldKind::Message(index) | FieldKind::Group(index) => index,
                // Keys of a map are data: what is declared is what its values hold.
                FieldKind::Map(entry) => match self.get(entry).and_then(|entry| entry.field(2)).map(|value| value.kind)
                {
                    Some(FieldKind::Message(index)) => index,
                    _ => usize::MAX,
                },
                _ => usize::MAX,
            };
            found(index, &field.name, &field.tags, below);
        }
    }
}

// === impl Builder ===

impl Builder {
    /// The index of a message type; it is filled in later, since types refer to themselves.
    fn refer(&mut self, descriptor: &MessageDescriptor) -> Result<usize, SchemaError> {
        if let Some(known) = self.known.get(descriptor.full_name()) {
            return Ok(*known);
        }
        if self.messages.len() == MAX_TYPES {
            return Err(SchemaError::TooComplex);
        }
        let index = self.messages.len();
        let full_name = descriptor.full_name().to_owned();
        self.known.insert(full_name.clone(), index);
        self.messages.push(MessageType { form: form(&full_name), full_name, fields: Vec::new(), nested: Vec::new() });
        self.waiting.push((index, descriptor.clone()));
        Ok(index)
    }

    fn finish(&mut self) -> Result<(), SchemaError> {
        while let Some((index, descriptor)) = self.waiting.pop() {
            let mut fields = descriptor.fields().map(|field| self.field(&field)).collect::<Result<Vec<_>, _>>()?;
            fields.sort_by_key(|field| field.number);
            let nested = descriptor.child_messages().filter(|message| !message.is_map_entry());
            let nested = nested.map(|message| self.refer(&message)).collect::<Result<Vec<_>, _>>()?;
            if let Some(message) = self.messages.get_mut(index) {
                message.fields = fields;
                message.nested = nested;
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &FieldDescriptor) -> Result<Field, SchemaError> {
        let kind = match field.kind() {
            Kind::String => FieldKind::Text,
            Kind::Bytes => FieldKind::Bytes,
            Kind::Bool => FieldKind::Bool,
            Kind::Int32 | Kind::Int64 | Kind::Enum(_) => FieldKind::Signed,
            Kind::Uint32 | Kind::Uint64 => FieldKind::Unsigned,
            Kind::Sint32 | Kind::Sint64 => FieldKind::Zigzag,
            Kind::Fixed32 => FieldKind::Fixed32,
            Kind::Fixed64 => FieldKind::Fixed64,
            Kind::Sfixed32 => FieldKind::SignedFixed32,
            Kind::Sfixed64 => FieldKind::SignedFixed64,
            Kind::Float => FieldKind::Float,
            Kind::Double => FieldKind::Double,
            Kind::Message(message) => {
                let index = self.refer(&message)?;
                match (field.is_map(), field.is_group()) {
                    (true, _) => FieldKind::Map(index),
                    (_, true) => FieldKind::Group(index),
                    _ => FieldKind::Message(index),
                }
            }
        };
        Ok(Field { number: field.number(), name: field.name().to_owned(), tags: self.tags(&field.options()), kind })
    }

    /// The tags among the options of a field.
    fn tags(&self, options: &DynamicMessage) -> Vec<String> {
        let Some(extension) = self.pool.get_extension_by_name(FIELD_META) else { return Vec::new() };
        if extension.containing_message() != options.descriptor() || !options.has_extension(&extension) {
            return Vec::new();
        }
        let meta = options.get_extension(&extension);
        let tags = meta.as_message().and_then(|meta| meta.get_field_by_name("tags"));
        let tags = tags.as_deref().and_then(Value::as_list).into_iter().flatten();
        tags.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// How messages of a type are rendered.
fn form(full_name: &str) -> Form {
    match full_name.strip_prefix("google.protobuf.") {
        Some("Struct") => Form::Entries,
        Some(
            "Value" | "ListValue" | "StringValue" | "BytesValue" | "BoolValue" | "Int32Value" | "Int64Value"
            | "UInt32Value" | "UInt64Value" | "FloatValue" | "DoubleValue",
        ) => Form::Values,
        _ => Form::Object,
    }
}
