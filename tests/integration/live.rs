//! `--interface`: live capture on real interfaces in network namespaces. Needs root.

mod agent_rights;
mod counting;
mod judging;
pub(crate) mod network;
mod permission;
mod plugins;
mod web_server;
