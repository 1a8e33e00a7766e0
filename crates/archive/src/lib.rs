//! A second copy of a ledger, in object storage or another folder: sealed segments, and the heads that prove later that
//! the ledger was not cut off or replaced.
//!
//! ```text
//! segments/ of a ledger ─► Archiver ─► LOCATION/segments/   data, leaves, manifest; in the order of numbers
//! the last manifest     ─► anchor   ─► LOCATION/heads/      one object a head, which the store's owner locks
//! LOCATION              ─► restore, verify                  a folder again, or only the answer whether it could be
//! ```
//!
//! A location has the layout of a ledger's folder, so that a copy made with any tool can be verified as well. Objects are
//! only ever added: one that exists with other bytes is an error, because two histories have the same number. Data past
//! its retention period is deleted, manifests stay.
//!
//! The crate knows evidence, but neither Kubernetes nor the law. Errors name the object and what the store answered by
//! codes alone: what a store writes into its answers may contain names of keys.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod anchor;
mod archiver;
mod copy;
mod error;
mod location;
mod objects;

pub use anchor::{HeadReader, anchor, anchors};
pub use archiver::{Archiver, Expiry};
pub use copy::{Checked, restore, verify};
pub use error::{ArchiveError, Reason, StoreError};
pub use location::{Location, LocationError, Patience};
