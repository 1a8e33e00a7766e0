//! Real Kafka on loopback: brokers, Connect with its file sink, MirrorMaker 2 and a schema registry, and a registry of our own
//! that fails when it is told to.
//!
//! ```text
//! test ──client──► Broker ◄── MirrorMaker ──► Broker          each a JVM, in a folder of the test
//!          │                      Connect ──► file
//!          └─────► Registry (Apicurio) or FakeRegistry
//! ```
//!
//! The jars come from `make testenv`. Each server is ended by its own id when it is dropped, and by the kernel when the test's
//! process ends before. Tests reserve memory for their servers ([`servers_or_skip`]), since they run side by side.

mod broker;
mod connect;
mod fake_registry;
mod installation;
mod jvm;
mod mirror_maker;
mod protocol;
mod registry;
mod shared;

use std::io;

pub use self::{
    broker::{Broker, BrokerOptions, Listener, Security, User},
    connect::{Connect, ConnectOptions},
    fake_registry::{FakeRegistry, RegistryFault, Schema},
    installation::{Installation, Servers, servers_or_skip},
    mirror_maker::{MirrorMaker, MirrorOptions},
    protocol::{BrokerSeen, Connection, Metadata, Topic},
    registry::Registry,
    shared::shared,
};
use crate::cluster::ClusterError;

/// Why a server is not there or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// The jars were not fetched, or no Java runs them; tests skip on this alone.
    #[error("no Kafka here: {0}")]
    NotSetUp(String),
    #[error(transparent)]
    Process(#[from] ClusterError),
    #[error("failed to ask {address}")]
    Ask {
        address: String,
        #[source]
        source: io::Error,
    },
    #[error("{request} was answered with error code {code}")]
    Refused { request: String, code: i16 },
    #[error("failed to ask {url}")]
    Http {
        url: String,
        #[source]
        source: Box<ureq::Error>,
    },
    #[error("{url} answered {status}: {text}")]
    Status { url: String, status: u16, text: String },
}
