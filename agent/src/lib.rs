//! Observes where data goes: packets in, [`landfall_observation::Observation`]s out.
//!
//! ```text
//! source ─► decode ─► flow table ─► inspect (names, findings) ─► locate, attribute ─► windows ─► Observation
//! ```
//!
//! The agent states facts about the network. It never sees the register, attested places or
//! verdicts; its only settings are [`landfall_observation::AgentConfiguration`], as a file.

pub mod afpacket;
pub mod attribution;
#[cfg(any(feature = "kubernetes", feature = "messages"))]
mod authorities;
#[cfg(feature = "kubernetes")]
pub mod daemon;
pub mod decode;
pub mod flow;
pub mod flow_line;
pub mod fragments;
pub mod inspect;
#[cfg(feature = "messages")]
pub mod kafka;
mod link_addresses;
pub mod links;
pub mod locate;
#[cfg(feature = "kubernetes")]
pub mod metrics;
pub mod names;
pub mod packet;
pub mod parse;
pub mod pipeline;
pub mod pod_capture;
#[cfg(feature = "kubernetes")]
pub mod pods;
pub mod reassembly;
#[cfg(feature = "kubernetes")]
pub mod ship;
pub mod source;
pub mod spool;
pub mod translation;
pub mod windows;
