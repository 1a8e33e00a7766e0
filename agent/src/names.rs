//! Host names: what counts as one, and which DNS answers named an address.

mod cache;
mod host;

pub use cache::{NameCache, Namespace};
pub use host::{authority, host_name};
