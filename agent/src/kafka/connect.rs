//! Kafka Connect, as its REST interface tells: which connectors there are, and of their configurations what says where data
//! goes. <https://kafka.apache.org/documentation/#connect_rest>
//!
//! Configurations hold passwords in clear. Only the keys of a closed list are read ([`Setting`]), of addresses host and port,
//! and nothing else is kept.

mod addresses;
mod client;
mod connectors;
mod hosts;
mod settings;

pub use self::{
    addresses::{Address, addresses},
    client::{ConnectAnswer, ConnectClient, ConnectCluster, ConnectError},
    connectors::{AnswerError, Connector, ConnectorKind, connectors},
    hosts::sink_hosts,
    settings::{Setting, SettingKind},
};
