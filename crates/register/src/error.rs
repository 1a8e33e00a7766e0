use std::{fmt, io, path::PathBuf};

/// An error in a register folder, and where it is.
#[derive(Debug)]
pub struct RegisterError {
    /// The file or folder.
    pub file: PathBuf,
    /// The line in the file, from 1, if the error is in a particular one.
    pub line: Option<usize>,
    /// The field, such as `spec.endpoints[1].processing.value[0]`; empty for the whole document.
    pub path: String,
    /// What is wrong. Its text says what was expected and never quotes a value.
    pub problem: Problem,
}

/// All errors in a register folder, by file and line. Never empty.
#[derive(Debug)]
pub struct RegisterErrors(Vec<RegisterError>);

/// What can be wrong with a register folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The path does not exist.
    #[error("there is no such file or folder")]
    NotThere,
    /// The operating system reported an error.
    #[error("failed to read: {}", .0.kind())]
    Unreadable(io::Error),
    /// The path is not a folder.
    #[error("expected a folder of YAML files")]
    NotAFolder,
    /// A link leads back to a folder that contains it.
    #[error("expected a folder that does not contain itself; a symbolic link leads back here")]
    Loop,
    /// The folders are nested too deeply.
    #[error("expected at most {0} folders inside each other")]
    FoldersTooDeep(usize),
    /// The folder has no YAML file.
    #[error("expected at least one file named *.yaml or *.yml")]
    NoFiles,
    /// The files contain no object.
    #[error("expected at least one object")]
    NoObjects,
    /// There are too many files.
    #[error("expected at most {0} files")]
    TooManyFiles(usize),
    /// Not a regular file, but a device, socket or pipe.
    #[error("expected a regular file")]
    NotAFile,
    /// The file is too large.
    #[error("expected at most {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// The files are too large together.
    #[error("expected at most {} MiB in all files", .0 >> 20)]
    FolderTooLarge(usize),
    /// The file is not valid UTF-8.
    #[error("expected UTF-8 text")]
    NotUtf8,
    /// The text is not YAML, or uses a feature that is not supported.
    #[error(transparent)]
    Yaml(landfall_yaml::Problem),
    /// The document is not a Kubernetes object.
    #[error("expected an object with apiVersion, kind, metadata and spec")]
    NotAnObject,
    /// The group or version is not Landfall's.
    #[error("expected apiVersion: {0}")]
    ApiVersion(&'static str),
    /// The kind is not one of a register.
    #[error("expected kind: one of {0}")]
    UnknownKind(String),
    /// The object violates the schema of its kind.
    #[error("{0}")]
    Schema(String),
    /// The object violates a CEL rule of its kind.
    #[error("{0}")]
    Rule(String),
    /// An item of a list with the key of an earlier item.
    #[error("expected a {what} that no earlier item has; item {first} has it too")]
    NotUnique {
        /// The fields that form the key.
        what: String,
        /// Index of the earlier item.
        first: usize,
    },
    /// The object satisfies the schema but cannot be read into its type.
    #[error("expected values that fit {0}")]
    Unfit(&'static str),
    /// A namespace on an object whose kind is not namespaced.
    #[error("expected no namespace; {0} is not namespaced")]
    Namespaced(&'static str),
    /// A second object of the same kind, namespace and name.
    #[error("expected a name that no other {kind} has; it is already used in {first}")]
    DuplicateObject {
        /// The kind.
        kind: &'static str,
        /// File and line of the first.
        first: String,
    },
    /// A reference to an object that the register does not contain.
    #[error("expected the name of {what}; there is none named {name:?} ({others})")]
    Dangling {
        /// What was expected.
        what: &'static str,
        /// The name in the reference. It may be quoted, because the schema allows nothing but names there.
        name: String,
        /// The objects that exist.
        others: Others,
    },
    /// The number of an act that no basis of the register is or rests on.
    #[error("expected the number of {0}, as a TransferBasis writes it")]
    UnknownDecision(&'static str),
    /// There were more errors, which were left out.
    #[error("further errors were left out")]
    More,
}

/// The objects to which a dangling reference could refer instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Others {
    /// Those with a similar name, each with file and line if known.
    pub similar: Vec<String>,
    /// The first few of all objects, if none is similar.
    pub first: Vec<String>,
    /// The number of all objects.
    pub count: usize,
}

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { similar, first, count } = self;
        if !similar.is_empty() {
            return write!(f, "similar: {}", similar.join(", "));
        }
        match count.saturating_sub(first.len()) {
            _ if *count == 0 => f.write_str("the register holds none"),
            0 => write!(f, "there is {}", first.join(", ")),
            more => write!(f, "there is {} and {more} more", first.join(", ")),
        }
    }
}

impl Problem {
    /// Whether the problem may hide objects, so that not even their kind and name are known.
    pub(crate) fn hides_objects(&self) -> bool {
        match self {
            Self::Yaml(problem) => !problem.is_local(),
            Self::DuplicateObject { .. }
            | Self::Namespaced(_)
            | Self::NotUnique { .. }
            | Self::Rule(_)
            | Self::Schema(_) => false,
            _ => true,
        }
    }
}

impl RegisterErrors {
    /// The most errors that are kept.
    const MOST: usize = 200;

    pub(crate) fn from_found(mut errors: Vec<RegisterError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        errors.sort_by(|a, b| (&a.file, a.line, &a.path).cmp(&(&b.file, b.line, &b.path)));
        if errors.len() > Self::MOST {
            errors.truncate(Self::MOST);
            let file = errors.last().map(|last| last.file.clone()).unwrap_or_default();
            errors.push(RegisterError { file, line: None, path: String::new(), problem: Problem::More });
        }
        Err(Self(errors))
    }

    /// The errors, by file and line.
    pub fn as_slice(&self) -> &[RegisterError] {
        &self.0
    }
}

impl std::error::Error for RegisterErrors {}

impl fmt::Display for RegisterErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for RegisterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.problem)
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.problem)
    }
}
