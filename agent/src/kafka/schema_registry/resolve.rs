//! Fetches a schema with all that it refers to, within bounds.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use super::{
    answer::{self, Document, Reference},
    api::{Api, Place},
    error::RegistryError,
};
use crate::kafka::{
    schema::{SchemaReference, SchemaSource, SchemaType},
    service::http::{Answer, Get},
};

/// How deep schemas may refer to each other. Real ones reach three or four.
const MAX_DEPTH: usize = 8;
/// How many schemas one may be made of, each counted as often as it is referred to: what is referred to twice on every
/// level doubles with each.
const MAX_SCHEMAS: usize = 100;
/// Of all texts together, in bytes, counted in the same way.
const MAX_TEXT: usize = 2 * 1024 * 1024;
/// For a schema with all its references. A request has a limit of its own.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Fetches one schema.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    get: &'a dyn Get,
    api: &'a Api,
    now: &'a dyn Clock,
    started: Instant,
    /// What was fetched before, since schemas often refer to the same one.
    fetched: HashMap<Place, Rc<Document>>,
    schemas: usize,
    text: usize,
    requests: u64,
}

/// Tells the time.
pub(super) trait Clock: std::fmt::Debug + Send + Sync {
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug)]
pub(super) struct MachineClock;

/// A schema with all that it refers to.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) document: Rc<Document>,
    pub(super) source: SchemaSource,
    /// Bytes of all texts.
    pub(super) text: usize,
}

// === impl MachineClock ===

impl Clock for MachineClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

// === impl Resolver ===

impl<'a> Resolver<'a> {
    pub(super) fn new(get: &'a dyn Get, api: &'a Api, now: &'a dyn Clock) -> Self {
        let (fetched, started) = (HashMap::new(), now.now());
        Self { get, api, now, started, fetched, schemas: 0, text: 0, requests: 0 }
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// The schema that is there.
    pub(super) fn resolve(&mut self, place: &Place) -> Result<Resolved, RegistryError> {
        let document = self.document(place, None)?;
        let source = self.source(&document, 0)?;
        Ok(Resolved { document, source, text: self.text })
    }

    fn source(&mut self, document: &Document, depth: usize) -> Result<SchemaSource, RegistryError> {
        self.schemas += 1;
        self.text = self.text.saturating_add(document.text.len());
        if depth > MAX_DEPTH || self.schemas > MAX_SCHEMAS {
            return Err(RegistryError::References);
        }
        if self.text > MAX_TEXT {
            return Err(RegistryError::TooLarge);
        }
        let mut references = Vec::with_capacity(document.references.len().min(MAX_SCHEMAS));
        for reference in &document.references {
            let place = reference.place(self.api).ok_or(RegistryError::ReferenceMissing)?;
            let referred = self.document(&place, Some(document.schema_type)).map_err(|error| match error {
                RegistryError::NotFound => RegistryError::ReferenceMissing,
                other => other,
            })?;
            let source = self.source(&referred, depth + 1)?;
            references.push(SchemaReference { name: reference.name().to_owned(), source });
        }
        Ok(SchemaSource { schema_type: document.schema_type, text: document.text.clone(), references })
    }

    /// Fetches what is at a place, once.
    fn document(&mut self, place: &Place, known_type: Option<SchemaType>) -> Result<Rc<Document>, RegistryError> {
        if let Some(document) = self.fetched.get(place) {
            return Ok(Rc::clone(document));
        }
        let answer = self.request(place.url())?;
        let document = match place {
            Place::Document { .. } => Document::read(answer.status, &answer.body)?,
            Place::Content { references, .. } => {
                let document = Document::read_content(&answer, known_type)?;
                let references = self.references(references)?;
                Document { references, ..document }
            }
        };
        let document = Rc::new(document);
        self.fetched.insert(place.clone(), Rc::clone(&document));
        Ok(document)
    }

    fn references(&mut self, url: &str) -> Result<Vec<Reference>, RegistryError> {
        answer::references(&self.request(url)?)
    }

    fn request(&mut self, url: &str) -> Result<Answer, RegistryError> {
        if self.now.now().saturating_duration_since(self.started) > TIME_LIMIT {
            return Err(RegistryError::Timeout);
        }
        self.requests += 1;
        Ok(self.get.get(url)?)
    }
}
