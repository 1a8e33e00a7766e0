//! Checks objects against each other: duplicate names and dangling references.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use landfall_api::{
    Kind, LegalDevelopmentSpec, MessageBusSpec, NamespacedReference, Object, ProcessingAgreementSpec, TransferBasisSpec,
};
use landfall_yaml::FieldPath;

use crate::{
    Others, Problem, RegisterError, instrument,
    load::{Loaded, Objects},
};

/// The subject of a claim about the agreement itself.
pub(crate) const AGREEMENT: &str = "agreement";

const RECIPIENT: &str = "a Recipient";
const ASSESSMENT: &str = "a TransferImpactAssessment";

/// The least similarity (Jaro-Winkler) of a name that is suggested instead: one or two letters differ.
const SIMILAR: f64 = 0.88;
/// The most objects that are suggested for a dangling reference.
const NAMED: usize = 5;

/// Names of objects of a kind, each with file and line if known.
type Names<'a> = BTreeMap<&'a str, Option<String>>;

/// What the objects of a folder can refer to.
struct Known<'a> {
    recipients: Names<'a>,
    bases: Names<'a>,
    assessments: Names<'a>,
    /// The acts of the shipped and of the user's bases.
    acts: Vec<&'a Object<TransferBasisSpec>>,
    /// Whether a basis has errors, so that it could be any act.
    any_act: bool,
}

/// Checks the objects against each other, and against the `shipped` ones that they do not replace.
pub(crate) fn check(objects: &Objects, shipped: &[Object<TransferBasisSpec>], errors: &mut Vec<RegisterError>) {
    let Objects { agreements, recipients, bases, assessments, developments, policies, buses, broken, .. } = objects;
    // An unreadable document could contain the object that a reference names.
    let all_readable = errors.iter().all(|error| !error.problem.hides_objects());
    unique(agreements, errors);
    unique(recipients, errors);
    unique(bases, errors);
    unique(assessments, errors);
    unique(developments, errors);
    unique(policies, errors);
    unique(buses, errors);
    if !all_readable {
        return;
    }
    let mut known = Known {
        recipients: names(recipients, broken),
        bases: names(bases, broken),
        assessments: names(assessments, broken),
        acts: shipped.iter().chain(bases.iter().map(|basis| &basis.object)).collect(),
        any_act: broken.iter().any(|(kind, _)| *kind == TransferBasisSpec::KIND),
    };
    known.bases.extend(shipped.iter().map(|basis| (basis.metadata.name.as_str(), None)));
    for agreement in agreements {
        of_agreement(agreement, &known, errors);
    }
    for recipient in recipients {
        for (index, onward) in recipient.object.spec.onward.iter().flatten().enumerate() {
            if let Some(problem) = onward.r#ref.as_ref().and_then(|name| missing(RECIPIENT, name, &known.recipients)) {
                let path = FieldPath::from_dotted("spec.onward").index(index).key("ref");
                errors.push(recipient.error(&path, problem));
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
        let same_namespace = agreements.iter().filter(|agreement| agreement.object.namespace() == namespace);
        let same_namespace = names(same_namespace, broken);
        if let Some(problem) = missing("a ProcessingAgreement in the same namespace", &named.name, &same_namespace) {
            let path = FieldPath::from_dotted("spec.agreementRef.name");
            errors.push(policy.error(&path, problem));
        }
    }
    for bus in buses {
        of_bus(bus, agreements, broken, errors);
    }
}

/// The agreements of a bus may be in other namespaces than the bus.
fn of_bus(
    bus: &Loaded<MessageBusSpec>,
    agreements: &[Loaded<ProcessingAgreementSpec>],
    broken: &BTreeSet<(&'static str, String)>,
    errors: &mut Vec<RegisterError>,
) {
    let spec = FieldPath::from_dotted("spec");
    let of_entries = bus.object.spec.topics.iter().enumerate().filter_map(|(index, entry)| {
        Some((spec.key("topics").index(index).key("agreementRef"), entry.agreement_ref.as_ref()?))
    });
    let own = bus.object.spec.agreement_ref.as_ref().map(|own| (spec.key("agreementRef"), own));
    for (path, NamespacedReference { namespace, name }) in own.into_iter().chain(of_entries) {
        let there = agreements.iter().filter(|agreement| agreement.object.namespace() == Some(namespace.as_str()));
        if let Some(problem) = missing("a ProcessingAgreement in that namespace", name, &names(there, broken)) {
            errors.push(bus.error(&path.key("name"), problem));
        }
    }
}

fn of_agreement(agreement: &Loaded<ProcessingAgreementSpec>, known: &Known<'_>, errors: &mut Vec<RegisterError>) {
    let spec = &agreement.object.spec;
    for (index, engagement) in spec.recipients.iter().enumerate() {
        if let Some(problem) = missing(RECIPIENT, &engagement.r#ref, &known.recipients) {
            let path = FieldPath::from_dotted("spec.recipients").index(index).key("ref");
            errors.push(agreement.error(&path, problem));
        }
    }
    for (index, statement) in spec.statements.iter().enumerate() {
        let problem = missing("a Recipient, or \"agreement\"", &statement.subject, &known.recipients);
        if let Some(problem) = problem.filter(|_| statement.subject != AGREEMENT) {
            let path = FieldPath::from_dotted("spec.statements").index(index).key("subject");
            errors.push(agreement.error(&path, problem));
        }
    }
}

fn of_basis(basis: &Loaded<TransferBasisSpec>, known: &Known<'_>, errors: &mut Vec<RegisterError>) {
    let spec = &basis.object.spec.instrument;
    if let Some((field, name)) = instrument::assessment(spec)
        && let Some(problem) = missing(ASSESSMENT, name, &known.assessments)
    {
        let path = FieldPath::from_dotted("spec.instrument").key(field).key("assessmentRef");
        errors.push(basis.error(&path, problem));
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
        if let Some(problem) = hit.name.as_ref().and_then(|name| missing("a TransferBasis", name, &known.bases)) {
            report(path.key("name"), problem);
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
        if let Some(problem) = hit.name.as_ref().and_then(|name| missing(ASSESSMENT, name, &known.assessments)) {
            report(path.key("name"), problem);
        }
    }
    for (index, ended) in spec.recipients.iter().enumerate() {
        if let Some(problem) = missing(RECIPIENT, &ended.r#ref, &known.recipients) {
            let path = FieldPath::from_dotted("spec.recipients").index(index).key("ref");
            report(path, problem);
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

fn names<'a, S: Kind + 'a>(
    loaded: impl IntoIterator<Item = &'a Loaded<S>>,
    broken: &'a BTreeSet<(&'static str, String)>,
) -> Names<'a> {
    let path = FieldPath::from_dotted("metadata.name");
    let sound = loaded.into_iter().map(|each| {
        let place = format!("{}:{}", each.file.display(), each.document.line_of(&path));
        (each.object.metadata.name.as_str(), Some(place))
    });
    let broken = broken.iter().filter(|(kind, _)| *kind == S::KIND).map(|(_, name)| (name.as_str(), None));
    // Of a duplicate with errors in one copy, file and line of the other are known.
    broken.chain(sound).collect()
}

/// The error of a reference to an object that does not exist; `None` if it exists.
fn missing(what: &'static str, name: &str, known: &Names<'_>) -> Option<Problem> {
    if known.contains_key(name) {
        return None;
    }
    let mut similar: Vec<_> = known.iter().map(|(other, place)| (similarity(name, other), *other, place)).collect();
    similar.retain(|(similarity, ..)| *similarity >= SIMILAR);
    similar.sort_by(|(one, a, _), (other, b, _)| other.total_cmp(one).then_with(|| a.cmp(b)));
    let placed = |(_, other, place): &(f64, &str, &Option<String>)| match place {
        Some(place) => format!("{other} in {place}"),
        None => (*other).to_owned(),
    };
    let others = Others {
        similar: similar.iter().take(NAMED).map(placed).collect(),
        first: known.keys().take(NAMED).map(|name| (*name).to_owned()).collect(),
        count: known.len(),
    };
    Some(Problem::Dangling { what, name: name.to_owned(), others })
}

/// From 0 (nothing in common) to 1 (equal). A name that is part of the other is similar, too.
fn similarity(one: &str, other: &str) -> f64 {
    let within = one.len().min(other.len()) >= 4 && (one.contains(other) || other.contains(one));
    strsim::jaro_winkler(one, other).max(if within { SIMILAR } else { 0.0 })
}

impl<S> Loaded<S> {
    fn error(&self, path: &FieldPath, problem: Problem) -> RegisterError {
        let line = Some(self.document.line_of(path));
        RegisterError { file: self.file.clone(), line, path: path.to_string(), problem }
    }
}
