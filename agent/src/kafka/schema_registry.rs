//! A client of schema registries that only reads.
//!
//! ```text
//! id ─► cache ─(one request for all who ask)─► health ─► GET, and those of its references ─► compile ─► schema, tags, rules
//! ```
//!
//! Spoken are Confluent's interface, which most registries have, and for ids of its own Apicurio's. Schemas of AWS Glue
//! are never found: its interface wants requests that are signed with AWS credentials.

pub mod answer;
mod api;
mod cache;
mod contract;
mod counts;
mod error;
mod health;
mod resolve;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use self::{
    api::{Api, Place},
    cache::{Cache, Fetched, Limits},
    counts::Counters,
    error::Scope,
    health::Health,
    resolve::{Clock, MachineClock, Resolved, Resolver},
};
pub use self::{
    cache::Lookup,
    contract::{Contract, EncryptionRule},
    counts::RegistryCounts,
    error::{RegistryError, RegistryFailure},
};
use super::{
    schema::{NoSchema, Schema, SchemaId, SchemaSource, Schemas},
    service::{
        HttpClientError, Service, ServiceUrl,
        http::{Get, Http},
    },
};

/// How long a schema counts as missing. One that is registered late is seen after that.
const MISSING: Duration = Duration::from_mins(5);
/// How long a version counts as a subject's latest.
const LATEST: Duration = Duration::from_mins(5);
/// Media types of answers, Confluent's own first.
const ACCEPT: &str = "application/vnd.schemaregistry.v1+json, */*;q=0.5";
/// The longest answer that is read, in bytes. Schemas of a few hundred kilobytes exist.
const MAX_ANSWER: u64 = 1024 * 1024;
/// What is kept of schemas: outcomes of all kinds, and bytes of texts. A compiled schema takes some times its text.
const SCHEMAS: Limits = Limits { entries: 2000, bytes: 2 * 1024 * 1024 };
/// The same for the latest versions of subjects.
const SUBJECTS: Limits = Limits { entries: 2000, bytes: 1024 * 1024 };
/// What an entry takes at least.
const ENTRY_BYTES: usize = 256;

/// A schema registry. Shared by all threads that decode.
#[derive(Debug)]
pub struct SchemaRegistry {
    url: ServiceUrl,
    get: Box<dyn Get>,
    api: Api,
    clock: Box<dyn Clock>,
    health: Health,
    schemas: Cache<SchemaId, RegisteredSchema>,
    subjects: Cache<String, RegisteredSchema>,
    counters: Counters,
    /// Why it does not answer, until somebody takes it.
    problem: Mutex<Option<String>>,
}

/// A schema, and what its registry says about it.
#[derive(Debug)]
pub struct RegisteredSchema {
    /// The schema, compiled.
    pub schema: Arc<Schema>,
    /// Its text and type, with all that it refers to.
    pub source: SchemaSource,
    /// Its tags and rules.
    pub contract: Contract,
    /// Its id, if it was asked for by its subject.
    pub id: Option<u32>,
    /// Its version, if it was asked for by its subject.
    pub version: Option<u32>,
}

// === impl SchemaRegistry ===

impl SchemaRegistry {
    /// A client of this registry. Nothing is asked yet.
    pub fn new(service: &Service) -> Result<Self, HttpClientError> {
        let http = Http::new(service, ACCEPT, MAX_ANSWER)?;
        Ok(Self::with(service.url.clone(), Box::new(http), Box::new(MachineClock)))
    }

    fn with(url: ServiceUrl, get: Box<dyn Get>, clock: Box<dyn Clock>) -> Self {
        let (api, health) = (Api::new(&url), Health::new());
        let (schemas, subjects) = (Cache::new(SCHEMAS), Cache::new(SUBJECTS));
        Self {
            url,
            get,
            api,
            clock,
            health,
            schemas,
            subjects,
            counters: Counters::default(),
            problem: Mutex::new(None),
        }
    }

    /// The schema with this id, with its tags and rules.
    pub fn registered(&self, id: &SchemaId) -> Lookup<RegisteredSchema> {
        let (lookup, was_known) = self.schemas.get(id, self.clock.now(), || match self.api.schema(id) {
            Ok(place) => self.fetch(&place, None, true),
            Err(error) => self.failed(&error),
        });
        self.count(was_known);
        lookup
    }

    /// The latest schema of a subject, such as `orders-value` for the values of the topic `orders` (Confluent's strategy
    /// TopicNameStrategy, the default).
    pub fn latest(&self, subject: &str) -> Lookup<RegisteredSchema> {
        let (lookup, was_known) = self.subjects.get(&subject.to_owned(), self.clock.now(), || {
            self.fetch(&self.api.version(subject, "latest"), Some(LATEST), false)
        });
        self.count(was_known);
        lookup
    }

    /// Why the registry as such did not answer, since this was last asked; not what is wrong with single schemas.
    pub fn take_problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What was done so far.
    pub fn counts(&self) -> RegistryCounts {
        self.counters.counts()
    }

    fn count(&self, was_known: bool) {
        if was_known {
            self.counters.hits.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Fetches what is at a place. `holds`: how long it is kept. `is_guess`: that it exists was read from a message, which
    /// may be anything.
    fn fetch(&self, place: &Place, holds: Option<Duration>, is_guess: bool) -> Fetched<RegisteredSchema> {
        let Some(permit) = self.health.admit(self.clock.now()) else {
            self.counters.held_back.fetch_add(1, Ordering::Relaxed);
            return Fetched { lookup: Err(NoSchema::Unreachable), bytes: 0, holds: Some(Duration::ZERO) };
        };
        let mut resolver = Resolver::new(&*self.get, &self.api, &*self.clock);
        let outcome = resolver.resolve(place);
        self.counters.requests.fetch_add(resolver.requests(), Ordering::Relaxed);
        let error = match outcome {
            Ok(found) => {
                permit.succeeded();
                match RegisteredSchema::compile(found, holds) {
                    Ok(fetched) => return fetched,
                    Err(error) => error,
                }
            }
            Err(error) => {
                match error.scope() {
                    Scope::Registry => permit.failed(self.clock.now()),
                    Scope::Missing | Scope::Request if is_guess => permit.missed(),
                    Scope::Missing | Scope::Request | Scope::Schema(_) => permit.succeeded(),
                }
                error
            }
        };
        self.failed(&error)
    }

    /// What follows from a failure.
    fn failed(&self, error: &RegistryError) -> Fetched<RegisteredSchema> {
        self.counters.failed(error);
        let (lookup, holds) = match error.scope() {
            Scope::Missing => (Err(NoSchema::NotFound), MISSING),
            Scope::Schema(reason) => (Err(reason), MISSING),
            Scope::Request => (Err(NoSchema::Unreachable), MISSING),
            // Of the registry, not of the schema: its health says when it is asked again.
            Scope::Registry => {
                let text = match std::error::Error::source(error) {
                    Some(cause) => format!("{error}: {cause} ({})", self.url),
                    None => format!("{error} ({})", self.url),
                };
                *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
                (Err(NoSchema::Unreachable), Duration::ZERO)
            }
        };
        Fetched { lookup, bytes: ENTRY_BYTES, holds: Some(holds) }
    }
}

// === impl RegisteredSchema ===

impl RegisteredSchema {
    /// Makes a schema ready that was fetched.
    fn compile(found: Resolved, holds: Option<Duration>) -> Result<Fetched<Self>, RegistryError> {
        let Resolved { document, source, text } = found;
        let schema = Schema::compile(&source)?;
        let bytes = ENTRY_BYTES + text + document.contract.bytes();
        let (id, version, contract) = (document.id, document.version, document.contract.clone());
        let registered = Self { schema: Arc::new(schema), source, contract, id, version };
        Ok(Fetched { lookup: Ok(Arc::new(registered)), bytes, holds })
    }
}

impl Schemas for SchemaRegistry {
    fn schema(&self, id: &SchemaId) -> Result<Arc<Schema>, NoSchema> {
        self.registered(id).map(|found| Arc::clone(&found.schema))
    }
}
