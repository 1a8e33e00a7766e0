//! One binary for all integration tests: the command line over recorded traffic and bad input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a failed expectation is a failed test")]

mod agent_daemon;
mod bad_input;
mod cases;
mod chart;
mod clock;
mod dashboards;
mod faults;
mod flows;
mod frames;
mod gate;
mod golden_ledger;
mod incidents;
mod index;
mod inspection;
mod joined_names;
mod judge;
mod kubectl_plugin;
mod leaks;
mod ledger;
mod ledger_keys;
mod ledger_proof;
mod ledger_service;
mod lint;
mod live;
mod made;
mod many_flows;
mod messages;
mod names;
mod non_transfers;
mod objects;
mod observations;
mod operator;
mod outputs;
mod prefixes;
mod register_api;
mod register_draft;
mod rules;
mod simulate;
mod support;
mod table_width;
mod transfer_faults;
mod transfers;
mod watch;
