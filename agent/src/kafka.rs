//! Message buses: what a Kafka cluster is like, and what personal data its messages hold.
//!
//! ```text
//! cluster ─inventory─► brokers, topics, groups with their hosts, access control lists
//! cluster ─sampler──► message ─inspect─► findings by field, and what became of each offset
//! both ─observer─► observations: each topic with who reads it and which brokers hold it
//! ```
//!
//! Nothing here writes to a cluster: only requests that read are sent, no topic is created and no group of others is
//! joined or committed to. Whatever reads messages runs in a process of its own, since librdkafka can crash on what others
//! have written.
//!
//! Feature `messages` has what reads bytes of messages and members of groups; `kafka` adds the client of the bus.

#[cfg(feature = "kafka")]
pub mod changes;
pub mod connect;
#[cfg(feature = "kafka")]
pub mod connection;
pub mod declared;
#[cfg(feature = "kafka")]
mod ffi;
pub mod group_member;
#[cfg(feature = "kafka")]
pub mod host_place;
#[cfg(feature = "kafka")]
pub mod inventory;
#[cfg(feature = "kafka")]
pub mod landing;
pub mod message;
#[cfg(feature = "kafka")]
pub mod observer;
mod printable;
#[cfg(feature = "kafka")]
pub mod properties;
#[cfg(feature = "kafka")]
pub mod sampler;
pub mod schema;
pub mod schema_registry;
pub mod service;
