//! One binary for all integration tests: the command line over recorded traffic and bad input.

mod bad_input;
mod flows;
mod judge;
mod leaks;
mod names;
mod support;
mod watch;
