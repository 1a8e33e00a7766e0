//! YAML text → trees that know the line of every key and item, for readers that must say where a file is wrong.
//!
//! ```text
//! text ─parse─► documents (Node) + faults (line, path, problem)
//! ```
//!
//! YAML is read as Kubernetes writes it: no anchors, no tags of one's own, no bare words that readers of YAML 1.1 take for
//! booleans. Depth, number of values and number of faults are bounded, so that no text costs more than its size.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod document;
mod fault;
mod field_path;

pub use document::{Data, Node, parse};
pub use fault::{Fault, Problem};
pub use field_path::{FieldPath, Segment};
