//! What integration tests, cluster stories and examples stand on; the tests themselves are in
//! `integration/` and `e2e/`.

pub mod book;
mod built;
pub mod chart;
pub mod cluster;
mod http_server;
pub mod intake;
pub mod kafka;
pub mod object_store;
pub mod operator;
pub mod plugin;
pub mod story;

pub use built::{built, tool, tool_or_skip};
