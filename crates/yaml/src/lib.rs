//! Parses YAML into trees that keep the line of every key and item, so that errors can say where they are.
//!
//! ```text
//! text ─parse─► documents (Node) + faults (line, path, problem)
//! ```
//!
//! YAML is read as Kubernetes writes it: no anchors, no custom tags, no bare words that YAML 1.1 reads as booleans.
//! Depth, number of values and number of faults are bounded, so that the cost is proportional to the size of the text.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod document;
mod fault;
mod field_path;

pub use document::{Data, Node, parse};
pub use fault::{Fault, Problem};
pub use field_path::{FieldPath, Segment};
