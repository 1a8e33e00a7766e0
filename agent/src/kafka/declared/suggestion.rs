//! Tags for what was found and is not declared, as a patch that people may apply. Nothing here writes to a registry.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Comparison, ComparisonState, Declared, comparison::within};
use crate::kafka::message::MessagePart;

/// The tag that is suggested: among those that Confluent's catalogue begins with.
const SUGGESTED: &str = "PII";

/// A patch of the schema of this part (RFC 7396) that tags what was found and is not declared; `None` if there is nothing
/// to tag. What stands in no schema cannot be tagged: there the innermost field around is.
pub fn suggested_tags(declared: &Declared, comparisons: &[Comparison], part: MessagePart) -> Option<Value> {
    let known = declared.tags_by_path.get(&part);
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let undeclared = comparisons
        .iter()
        .filter(|comparison| comparison.part == Some(part) && comparison.state == ComparisonState::FoundNotDeclared);
    for comparison in undeclared {
        let name = declared.around(part, within(&comparison.path)).find_map(|(_, field)| field.full_name.as_ref());
        let Some(name) = name else { continue };
        // A patch replaces a list as a whole.
        let at_path = known.and_then(|known| known.get(&name.glob)).cloned().unwrap_or_default();
        let tags = tags.entry(name.glob.clone()).or_insert(at_path);
        tags.insert(SUGGESTED.to_owned());
    }
    (!tags.is_empty()).then(|| json!({ "metadata": { "tags": tags } }))
}
