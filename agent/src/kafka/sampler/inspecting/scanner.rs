//! Looks at messages: at all of each, or at all but a value of a known shape.

use std::sync::Arc;

use super::{
    super::{
        budget::processor_time,
        partition::Partition,
        plan::Plan,
        tally::{self, Seen},
    },
    known_shapes::KnownShapes,
};
use crate::kafka::{
    ffi::poll,
    message::{Inspector, Limits, Message},
    schema_registry::SchemaRegistry,
};

pub(super) struct Scanner {
    inspector: Inspector,
    /// Where values of known shapes are passed over.
    shapes: Option<KnownShapes>,
}

impl Scanner {
    pub(super) fn new(plan: &Plan, registry: Option<&Arc<SchemaRegistry>>) -> Self {
        let inspector = Inspector::new(Limits::default());
        let inspector = match registry {
            Some(registry) => inspector.with_schemas(Arc::<SchemaRegistry>::clone(registry)),
            None => inspector,
        };
        Self { inspector, shapes: plan.passes_known_shapes.then(KnownShapes::default) }
    }

    /// Looks at a message, and counts it and what it took.
    pub(super) fn scan(&mut self, message: &poll::Message<'_>, partition: &mut Partition) {
        let began = processor_time();
        let headers = message.headers();
        let sizes = headers.iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
        let bytes: usize =
            sizes.sum::<usize>() + message.key().map_or(0, <[u8]>::len) + message.value().map_or(0, <[u8]>::len);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let contents = Message { key: message.key(), value: message.value(), headers };
        let is_tombstone = contents.value.is_none();
        let is_known = match (&mut self.shapes, contents.value) {
            (Some(shapes), Some(value)) => shapes.is_known(message.topic(), value),
            _ => false,
        };
        let scanned = if is_known { Message { value: None, ..contents } } else { contents };
        let inspected = self.inspector.inspect(&scanned);
        let spent = processor_time().saturating_sub(began);
        tally::count(&mut partition.progress, inspected, Seen { bytes, is_tombstone, is_known }, spent);
        partition.allowance.spend(bytes, spent);
    }
}
