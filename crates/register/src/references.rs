//! What only the objects together can show: names taken twice, references to nothing.

use std::collections::{BTreeSet, HashMap};

use landfall_api::{Kind, LegalDevelopmentSpec, Object, ProcessingAgreementSpec, TransferBasisSpec};

use crate::{
    Problem, RegisterError,
    field_path::FieldPath,
    instrument,
    load::{Loaded, Objects},
};

/// The subject of a statement about the agreement itself.
pub(crate) const AGREEMENT: &str = "agreement";

/// What the objects of a folder can name.
struct Known<'a> {
    recipients: BTreeSet<&'a str>,
    bases: BTreeSet<&'a str>,
    assessments: BTreeSet<&'a str>,
    /// Shipped and own.
    acts: Vec<&'a Object<TransferBasisSpec>>,
    /// Whether a basis is broken, so that it could be any act.
    any_act: bool,
}

/// Checks the objects against each other, and against the `shipped` ones that they leave in place.
pub(crate) fn check(objects: &Objects, shipped: &[Object<TransferBasisSpec>], errors: &mut Vec<RegisterError>) {
    let Objects { agreements, sub_processors, bases, assessments, developments, policies, broken, .. } = objects;
    // What cannot be read at all could be whatever is named.
    let whole = errors.iter().all(|error| !error.problem.hides_objects());
    unique(agreements, errors);
    unique(sub_processors, errors);
    unique(bases, errors);
    unique(assessments, errors);
    unique(developments, errors);
    unique(policies, errors);
    if !whole {
        return;
    }
    let mut known = Known {
        recipients: names(sub_processors, broken),
        bases: names(bases, broken),
        assessments: names(assessments, broken),
        acts: shipped.iter().chain(bases.iter().map(|basis| &basis.object)).collect(),
        any_act: broken.iter().any(|(kind, _)| *kind == TransferBasisSpec::KIND),
    };
    known.bases.extend(shipped.iter().map(|basis| basis.metadata.name.as_str()));
    for agreement in agreements {
        of_agreement(agreement, &known, errors);
    }
    for sub_processor in sub_processors {
        for (index, onward) in sub_processor.object.spec.onward.iter().flatten().enumerate() {
            if onward.r#ref.as_ref().is_some_and(|name| !known.recipients.contains(name.as_str())) {
                let path = FieldPath::from_dotted("spec.onward").index(index).key("ref");
                errors.push(sub_processor.error(&path, Problem::Dangling("a SubProcessor")));
            }
        }
    }
    for basis in bases {
        of_basis(basis, &known, errors);
    }
    for development in developments {
        of_development(development, &known, errors);
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

fn of_agreement(agreement: &Loaded<ProcessingAgreementSpec>, known: &Known<'_>, errors: &mut Vec<RegisterError>) {
    let spec = &agreement.object.spec;
    for (index, engagement) in spec.sub_processors.iter().enumerate() {
        if !known.recipients.contains(engagement.r#ref.as_str()) {
            let path = FieldPath::from_dotted("spec.subProcessors").index(index).key("ref");
            errors.push(agreement.error(&path, Problem::Dangling("a SubProcessor")));
        }
    }
    for (index, statement) in spec.statements.iter().enumerate() {
        if statement.subject != AGREEMENT && !known.recipients.contains(statement.subject.as_str()) {
            let path = FieldPath::from_dotted("spec.statements").index(index).key("subject");
            errors.push(agreement.error(&path, Problem::Dangling("a SubProcessor, or \"agreement\"")));
        }
    }
}

fn of_basis(basis: &Loaded<TransferBasisSpec>, known: &Known<'_>, errors: &mut Vec<RegisterError>) {
    let spec = &basis.object.spec.instrument;
    if let Some((field, name)) = instrument::assessment(spec)
        && !known.assessments.contains(name)
    {
        let path = FieldPath::from_dotted("spec.instrument").key(field).key("assessmentRef");
        errors.push(basis.error(&path, Problem::Dangling("a TransferImpactAssessment")));
    }
    if let Some((field, what)) = instrument::missing_act(spec, known.acts.iter().copied())
        && !known.any_act
    {
        let path = FieldPath::from_dotted("spec.instrument").key(field).key("decision");
        errors.push(basis.error(&path, Problem::UnknownDecision(what)));
    }
}

fn of_development(development: &Loaded<LegalDevelopmentSpec>, known: &Known<'_>, errors: &mut Vec<RegisterError>) {
    let spec = &development.object.spec;
    let mut report = |path: FieldPath, problem| errors.push(development.error(&path, problem));
    for (index, hit) in spec.bases.iter().enumerate() {
        let path = FieldPath::from_dotted("spec.bases").index(index);
        if hit.name.as_ref().is_some_and(|name| !known.bases.contains(name.as_str())) {
            report(path.key("name"), Problem::Dangling("a TransferBasis"));
        }
        let is_act = |number: &str| {
            known.any_act || known.acts.iter().any(|basis| instrument::decision(&basis.spec.instrument) == Some(number))
        };
        if hit.decision.as_ref().is_some_and(|number| !is_act(number)) {
            report(path.key("decision"), Problem::UnknownDecision("an act"));
        }
    }
    for (index, hit) in spec.assessments.iter().enumerate() {
        let path = FieldPath::from_dotted("spec.assessments").index(index);
        if hit.name.as_ref().is_some_and(|name| !known.assessments.contains(name.as_str())) {
            report(path.key("name"), Problem::Dangling("a TransferImpactAssessment"));
        }
    }
    for (index, ended) in spec.sub_processors.iter().enumerate() {
        if !known.recipients.contains(ended.r#ref.as_str()) {
            let path = FieldPath::from_dotted("spec.subProcessors").index(index).key("ref");
            report(path, Problem::Dangling("a SubProcessor"));
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
