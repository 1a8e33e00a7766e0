//! Checks objects that do not come from a file against the schemas of their kinds.

use landfall_api::{Kind, Object};
use serde::Serialize;

use crate::{Problem, schema};

/// Checks objects against the schemas of their kinds, as the loader does. An object in a cluster can violate a
/// schema that was tightened after the object was stored.
#[derive(Default)]
pub struct Checker {
    /// Evaluates CEL rules; built once, with all the functions that Kubernetes provides.
    rules: kube_cel::Validator,
}

/// A violation of a schema by an object. Its text says what was expected and never quotes a value.
#[derive(Debug)]
pub struct Violation {
    /// The field, such as `spec.endpoints[1].hosts[0]`; empty for the whole object.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

impl Checker {
    /// The violations of the schema of its kind by `object`; none for a kind that a register does not contain.
    pub fn check<S: Kind + Serialize>(&self, object: &Object<S>) -> Vec<Violation> {
        let Some(schema) = schema::of_kind(S::KIND) else { return Vec::new() };
        let value = serde_json::to_value(object).expect("keys of the kinds are texts");
        let faults = schema.faults(&self.rules, &value).into_iter();
        faults.map(|(path, problem)| Violation { path: path.to_string(), problem }).collect()
    }
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").finish_non_exhaustive()
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        self.problem.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{instruments, providers};

    #[test]
    fn what_was_loaded_is_sound() {
        let checker = Checker::default();
        let mut found: Vec<_> = instruments().iter().flat_map(|basis| checker.check(basis)).collect();
        found.extend(providers().recipients.iter().flat_map(|object| checker.check(object)));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn a_broken_rule_is_found_without_a_file() {
        let mut basis = instruments()[0].clone();
        basis.spec.countries = None;
        basis.spec.source = String::new();
        let found: Vec<_> = Checker::default().check(&basis).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["spec.source: expected at least 1 characters"]);
        basis.spec.source = "s".to_owned();
        let found: Vec<_> = Checker::default().check(&basis).iter().map(ToString::to_string).collect();
        let expected = "expected countries, or importers that are international organisations, for adequacy";
        assert_eq!(found, [format!("spec: {expected}")]);
    }
}
