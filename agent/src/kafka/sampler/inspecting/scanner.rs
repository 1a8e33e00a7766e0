//! Looks at messages: at all of each, or at all but a value of a known shape.

use std::{sync::Arc, time::Duration};

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
    message::{Inspected, Inspector, Limits, Message},
    schema_registry::SchemaRegistry,
};

/// Of how many values one is timed, for all of them, while they turn out to be of known shapes: reading the clock of a thread takes a
/// tenth of the time that passing over one does.
const TIMED: u32 = 16;

pub(super) struct Scanner {
    inspector: Inspector,
    /// Where values of known shapes are passed over.
    shapes: Option<KnownShapes>,
    /// Messages since the last one that was timed for others.
    untimed: u32,
}

impl Scanner {
    pub(super) fn new(plan: &Plan, registry: Option<&Arc<SchemaRegistry>>) -> Self {
        let inspector = Inspector::new(Limits::default());
        let inspector = match registry {
            Some(registry) => inspector.with_schemas(Arc::<SchemaRegistry>::clone(registry)),
            None => inspector,
        };
        Self { inspector, shapes: plan.passes_known_shapes.then(KnownShapes::default), untimed: 0 }
    }

    /// Looks at a message, and counts it and what it took.
    pub(super) fn scan(&mut self, message: &poll::Message<'_>, partition: &mut Partition) {
        let headers = message.headers();
        let sizes = headers.iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
        let bytes: usize =
            sizes.sum::<usize>() + message.key().map_or(0, <[u8]>::len) + message.value().map_or(0, <[u8]>::len);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let contents = Message { key: message.key(), value: message.value(), headers };
        let is_tombstone = contents.value.is_none();
        let (is_known, spent) = self.passes(message.topic(), contents.value);
        let (inspected, spent) = if is_known && contents.key.is_none() && contents.headers.is_empty() {
            (Inspected::default(), spent)
        } else {
            let began = processor_time();
            let scanned = if is_known { Message { value: None, ..contents } } else { contents };
            let inspected = self.inspector.inspect(&scanned);
            (inspected, spent + processor_time().saturating_sub(began))
        };
        tally::count(&mut partition.progress, inspected, Seen { bytes, is_tombstone, is_known }, spent);
        partition.allowance.spend(bytes, spent);
    }

    /// Whether a value is of a known shape, and the time to be counted for finding that out.
    fn passes(&mut self, topic: &str, value: Option<&[u8]>) -> (bool, Duration) {
        let (Some(shapes), Some(value)) = (&mut self.shapes, value) else { return (false, Duration::ZERO) };
        self.untimed += 1;
        if self.untimed < TIMED {
            return (shapes.is_known(topic, value), Duration::ZERO);
        }
        self.untimed = 0;
        let began = processor_time();
        let is_known = shapes.is_known(topic, value);
        (is_known, processor_time().saturating_sub(began) * TIMED)
    }
}
