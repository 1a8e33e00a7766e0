//! The commands, one a file.

pub mod flows;
pub mod judge;
pub mod watch;
