//! What only the objects together can show: names taken twice, references to nothing.

use std::collections::{BTreeSet, HashMap};

use landfall_api::{Kind, ProcessingAgreementSpec};

use crate::{
    Problem, RegisterError,
    field_path::FieldPath,
    load::{Loaded, Objects},
};

/// The subject of a statement about the agreement itself.
const AGREEMENT: &str = "agreement";

/// Checks the objects against each other.
pub(crate) fn check(objects: &Objects, errors: &mut Vec<RegisterError>) {
    let Objects { agreements, sub_processors, bases, assessments, policies, broken, .. } = objects;
    // What cannot be read at all could be whatever is named.
    let whole = errors.iter().all(|error| !error.problem.hides_objects());
    unique(agreements, errors);
    unique(sub_processors, errors);
    unique(bases, errors);
    unique(assessments, errors);
    unique(policies, errors);

    if !whole {
        return;
    }
    let recipients = names(sub_processors, broken);
    for agreement in agreements {
        let spec = &agreement.object.spec;
        for (index, engagement) in spec.sub_processors.iter().enumerate() {
            if !recipients.contains(engagement.r#ref.as_str()) {
                let path = FieldPath::from_dotted("spec.subProcessors").index(index).key("ref");
                errors.push(agreement.error(&path, Problem::Dangling("a SubProcessor")));
            }
        }
        for (index, statement) in spec.statements.iter().enumerate() {
            if statement.subject != AGREEMENT && !recipients.contains(statement.subject.as_str()) {
                let path = FieldPath::from_dotted("spec.statements").index(index).key("subject");
                errors.push(agreement.error(&path, Problem::Dangling("a SubProcessor, or \"agreement\"")));
            }
        }
    }
    let assessed = names(assessments, broken);
    for basis in bases {
        let clauses = basis.object.spec.instrument.standard_contractual_clauses.as_ref();
        let named = clauses.and_then(|clauses| clauses.assessment_ref.as_deref());
        if named.is_some_and(|name| !assessed.contains(name)) {
            let path = FieldPath::from_dotted("spec.instrument.standardContractualClauses.assessmentRef");
            errors.push(basis.error(&path, Problem::Dangling("a TransferImpactAssessment")));
        }
    }
    for policy in policies {
        let namespace = policy.object.namespace();
        let Some(named) = &policy.object.spec.agreement_ref else { continue };
        let mut others = agreements.iter().map(|agreement| &agreement.object);
        let there = others.any(|other| other.namespace() == namespace && other.metadata.name == named.name)
            || broken.contains(&(ProcessingAgreementSpec::KIND, named.name.clone()));
        if !there {
            let path = FieldPath::from_dotted("spec.agreementRef.name");
            errors.push(policy.error(&path, Problem::Dangling("a ProcessingAgreement in the same namespace")));
        }
    }
}

fn unique<S: Kind>(loaded: &[Loaded<S>], errors: &mut Vec<RegisterError>) {
    let mut seen = HashMap::new();
    let path = FieldPath::from_dotted("metadata.name");
    for each in loaded {
        let identity = (each.object.namespace(), each.object.metadata.name.as_str());
        let first = *seen.entry(identity).or_insert(each);
        if !std::ptr::eq(first, each) {
            let name = first.file.file_name().unwrap_or(first.file.as_os_str());
            let first = format!("{}:{}", name.display(), first.document.line_of(&path));
            errors.push(each.error(&path, Problem::DuplicateObject { kind: S::KIND, first }));
        }
    }
}

fn names<'a, S: Kind>(loaded: &'a [Loaded<S>], broken: &'a BTreeSet<(&'static str, String)>) -> BTreeSet<&'a str> {
    let sound = loaded.iter().map(|each| each.object.metadata.name.as_str());
    sound.chain(broken.iter().filter(|(kind, _)| *kind == S::KIND).map(|(_, name)| name.as_str())).collect()
}

impl<S> Loaded<S> {
    fn error(&self, path: &FieldPath, problem: Problem) -> RegisterError {
        let line = Some(self.document.line_of(path));
        RegisterError { file: self.file.clone(), line, path: path.to_string(), problem }
    }
}
