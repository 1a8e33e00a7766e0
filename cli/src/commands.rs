//! The commands, one per file.

pub(crate) mod clock;
pub(crate) mod crds;
pub(crate) mod flows;
pub(crate) mod judge;
#[cfg(feature = "kafka")]
pub(crate) mod kafka;
pub(crate) mod ledger;
pub(crate) mod lint;
pub(crate) mod register;
pub(crate) mod simulate;
pub(crate) mod watch;
