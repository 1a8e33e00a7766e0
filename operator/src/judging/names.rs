use std::fmt::Write as _;

use landfall_transfer_law::EdgeId;
use sha2::{Digest as _, Sha256};

/// Of the recipient and of the workload, so that a name stays readable.
const PART: usize = 40;

/// Where the Transfer of an edge is: in the namespace of the workload, under a name that says what it is and that
/// stays the same for the same edge.
pub(crate) fn key(edge: &EdgeId) -> (String, String) {
    let recipient = edge.recipient.rsplit(':').next().unwrap_or(&edge.recipient);
    let name = format!("{}-{}-{}", label(&edge.workload.name), label(recipient), digest(edge));
    (edge.workload.namespace.clone(), name.trim_start_matches('-').to_owned())
}

/// Ten hexadecimal digits: among 10,000 edges of a namespace two share them once in 20,000 clusters.
pub(crate) fn digest(edge: &EdgeId) -> String {
    let identity = serde_json::to_vec(edge).expect("names have a JSON form");
    Sha256::digest(identity).iter().take(5).fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What of a text may stand in a name (RFC 1123).
fn label(text: &str) -> String {
    let plain = text.chars().take(PART).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    plain.collect::<String>().trim_matches('-').to_owned()
}

/// A text without control characters, no longer than that many characters.
pub(crate) fn short(text: &str, longest: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    plain.take(longest).collect()
}
