use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use landfall_api::{API_VERSION, Kind, Object, TransferBasisSpec};
use landfall_yaml::{FieldPath, Node};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Problem, Register, RegisterError, RegisterErrors, folder, references, schema, shipped};

/// Bounds the memory that a folder can take up; a thousand recipients are below 4 MiB.
const MAX_TEXT: usize = 64 << 20;
/// The number of errors after which reading stops.
const MAX_ERRORS: usize = 10_000;

/// An object and where it was read.
pub(crate) struct Loaded<S> {
    pub(crate) object: Object<S>,
    pub(crate) file: PathBuf,
    pub(crate) document: Node,
}

/// The objects of a folder, each with file and line.
#[derive(Default)]
pub(crate) struct Objects {
    pub(crate) agreements: Vec<Loaded<landfall_api::ProcessingAgreementSpec>>,
    pub(crate) recipients: Vec<Loaded<landfall_api::RecipientSpec>>,
    pub(crate) bases: Vec<Loaded<landfall_api::TransferBasisSpec>>,
    pub(crate) assessments: Vec<Loaded<landfall_api::TransferImpactAssessmentSpec>>,
    pub(crate) developments: Vec<Loaded<landfall_api::LegalDevelopmentSpec>>,
    pub(crate) policies: Vec<Loaded<landfall_api::TransferPolicySpec>>,
    pub(crate) buses: Vec<Loaded<landfall_api::MessageBusSpec>>,
    /// Kind and name of objects with errors: a reference to one is not dangling.
    pub(crate) broken: BTreeSet<(&'static str, String)>,
    /// Evaluates CEL rules; built once, with all the functions that Kubernetes provides.
    rules: kube_cel::Validator,
}

/// Reads a register folder: every `*.yaml` and `*.yml` in it and its subfolders, any number of
/// documents each. All errors are collected, so that one run shows them all. The shipped
/// instruments are added; an object with the name of one replaces it, unless it is an earlier state of the same.
pub fn load(folder: &Path) -> Result<Register, RegisterErrors> {
    load_with(folder, &[])
}

/// Reads a register folder and further files as one register, such as a legal development to be simulated.
pub fn load_with(folder: &Path, more: &[PathBuf]) -> Result<Register, RegisterErrors> {
    let mut errors = Vec::new();
    let mut objects = Objects::default();
    let mut left = MAX_TEXT;
    let files = folder::files(folder, &mut errors);
    for file in files.into_iter().chain(more.iter().cloned()) {
        if errors.len() > MAX_ERRORS {
            break;
        }
        match folder::read(&file) {
            Ok(text) if text.len() > left => {
                let problem = Problem::FolderTooLarge(MAX_TEXT);
                errors.push(RegisterError { file: folder.to_owned(), line: None, path: String::new(), problem });
                break;
            }
            Ok(text) => {
                left -= text.len();
                objects.read(&file, &text, &mut errors);
            }
            Err(problem) => errors.push(RegisterError { file, line: None, path: String::new(), problem }),
        }
    }
    finish(folder, objects, shipped::instruments(), errors)
}

/// Reads a register from one text, which errors refer to as `name`. As with a folder, the shipped instruments are
/// added.
pub fn load_text(name: &str, text: &str) -> Result<Register, RegisterErrors> {
    let mut errors = Vec::new();
    let mut objects = Objects::default();
    objects.read(Path::new(name), text, &mut errors);
    finish(Path::new(name), objects, shipped::instruments(), errors)
}

/// Reads texts without adding the shipped instruments and without checking references.
pub(crate) fn read<'a>(texts: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<Register, RegisterErrors> {
    let mut errors = Vec::new();
    let mut objects = Objects::default();
    for (name, text) in texts {
        objects.read(name, text, &mut errors);
    }
    RegisterErrors::from_found(errors)?;
    Ok(objects.into_register())
}

fn finish(
    source: &Path,
    objects: Objects,
    shipped: &[Object<TransferBasisSpec>],
    mut errors: Vec<RegisterError>,
) -> Result<Register, RegisterErrors> {
    if errors.is_empty() && objects.is_empty() {
        let file = source.to_owned();
        errors.push(RegisterError { file, line: None, path: String::new(), problem: Problem::NoObjects });
    }
    let shipped: Vec<_> = shipped.iter().filter(|basis| !objects.replaces(basis)).cloned().collect();
    references::check(&objects, &shipped, &mut errors);
    RegisterErrors::from_found(errors)?;
    let mut register = objects.into_register();
    shipped::take_latest(&mut register.bases);
    register.bases.extend(shipped);
    Ok(register)
}

impl Objects {
    fn read(&mut self, file: &Path, text: &str, errors: &mut Vec<RegisterError>) {
        let (documents, faults) = landfall_yaml::parse(text);
        errors.extend(faults.into_iter().map(|fault| RegisterError {
            file: file.to_owned(),
            line: Some(fault.line),
            path: fault.path.to_string(),
            problem: Problem::Yaml(fault.problem),
        }));
        for document in documents {
            if errors.len() > MAX_ERRORS {
                break;
            }
            self.take(file, document, errors);
        }
    }

    /// Checks one document in the order in which a person would correct it: its kind, its fields, its CEL rules.
    fn take(&mut self, file: &Path, document: Node, errors: &mut Vec<RegisterError>) {
        let mut report = |path: &FieldPath, problem| {
            let line = Some(document.line_of(path));
            errors.push(RegisterError { file: file.to_owned(), line, path: path.to_string(), problem });
        };
        let value = document.to_value();
        if !value.is_object() {
            return report(&FieldPath::default(), Problem::NotAnObject);
        }
        if document.text("apiVersion") != Some(API_VERSION) {
            return report(&FieldPath::from_dotted("apiVersion"), Problem::ApiVersion(API_VERSION));
        }
        let Some(schema) = document.text("kind").and_then(schema::of_kind) else {
            return report(&FieldPath::from_dotted("kind"), Problem::UnknownKind(schema::kinds()));
        };
        let value = schema.without_null(value);
        let mut faults = schema.faults(&self.rules, &value);
        if !schema.namespaced && value.pointer("/metadata/namespace").is_some() {
            faults.push((FieldPath::from_dotted("metadata.namespace"), Problem::Namespaced(schema.kind)));
        }
        if !faults.is_empty() {
            if let Some(name) = value.pointer("/metadata/name").and_then(Value::as_str) {
                self.broken.insert((schema.kind, name.to_owned()));
            }
            return faults.into_iter().for_each(|(path, problem)| report(&path, problem));
        }
        let fits = match schema.kind {
            "ProcessingAgreement" => keep(&mut self.agreements, value, file, document),
            "Recipient" => keep(&mut self.recipients, value, file, document),
            "TransferBasis" => keep(&mut self.bases, value, file, document),
            "TransferImpactAssessment" => keep(&mut self.assessments, value, file, document),
            "LegalDevelopment" => keep(&mut self.developments, value, file, document),
            "MessageBus" => keep(&mut self.buses, value, file, document),
            _ => keep(&mut self.policies, value, file, document),
        };
        if let Err(line) = fits {
            errors.push(RegisterError {
                file: file.to_owned(),
                line: Some(line),
                path: String::new(),
                problem: Problem::Unfit(schema.kind),
            });
        }
    }

    /// Whether an object of the user replaces a shipped one: it has the same kind and name.
    fn replaces(&self, shipped: &Object<TransferBasisSpec>) -> bool {
        let name = &shipped.metadata.name;
        self.bases.iter().any(|basis| basis.object.metadata.name == *name)
            || self.broken.contains(&(TransferBasisSpec::KIND, name.clone()))
    }

    fn is_empty(&self) -> bool {
        let Self { agreements, recipients, bases, assessments, developments, policies, buses, broken: _, rules: _ } =
            self;
        agreements.is_empty()
            && recipients.is_empty()
            && bases.is_empty()
            && assessments.is_empty()
            && developments.is_empty()
            && policies.is_empty()
            && buses.is_empty()
    }

    fn into_register(self) -> Register {
        let Self { agreements, recipients, bases, assessments, developments, policies, buses, broken: _, rules: _ } =
            self;
        Register {
            agreements: objects(agreements),
            recipients: objects(recipients),
            bases: objects(bases),
            assessments: objects(assessments),
            developments: objects(developments),
            policies: objects(policies),
            buses: objects(buses),
        }
    }
}

fn keep<S: Kind + DeserializeOwned>(
    kept: &mut Vec<Loaded<S>>,
    value: Value,
    file: &Path,
    document: Node,
) -> Result<(), usize> {
    match serde_json::from_value(value) {
        Ok(object) => {
            kept.push(Loaded { object, file: file.to_owned(), document });
            Ok(())
        }
        Err(_) => Err(document.line),
    }
}

fn objects<S>(loaded: Vec<Loaded<S>>) -> Vec<Object<S>> {
    loaded.into_iter().map(|loaded| loaded.object).collect()
}
