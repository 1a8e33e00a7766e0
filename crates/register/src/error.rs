use std::{fmt, io, path::PathBuf};

/// One thing that is wrong with a register folder, and where.
#[derive(Debug)]
pub struct RegisterError {
    /// The file or folder.
    pub file: PathBuf,
    /// The line in the file, from 1, where one is to blame.
    pub line: Option<usize>,
    /// The field, such as `spec.endpoints[1].processing.value[0]`; empty for the whole document.
    pub path: String,
    /// What is wrong. Its text says what was expected and never quotes a value.
    pub problem: Problem,
}

/// Everything that is wrong with a register folder, by file and line. Never empty.
#[derive(Debug)]
pub struct RegisterErrors(Vec<RegisterError>);

/// What can be wrong with a register folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is there.
    #[error("there is no such file or folder")]
    NotThere,
    /// The operating system refused.
    #[error("failed to read: {}", .0.kind())]
    Unreadable(io::Error),
    /// A register is a folder.
    #[error("expected a folder of YAML files")]
    NotAFolder,
    /// The folder leads back into itself.
    #[error("expected a folder that does not contain itself; a symbolic link leads back here")]
    Loop,
    /// The folders lie too deep in each other.
    #[error("expected at most {0} folders inside each other")]
    FoldersTooDeep(usize),
    /// There is no file to read.
    #[error("expected at least one file named *.yaml or *.yml")]
    NoFiles,
    /// The files hold nothing.
    #[error("expected at least one object")]
    NoObjects,
    /// There are too many files.
    #[error("expected at most {0} files")]
    TooManyFiles(usize),
    /// A device, socket or pipe.
    #[error("expected a regular file")]
    NotAFile,
    /// The file is too large.
    #[error("expected at most {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// The files are too large together.
    #[error("expected at most {} MiB in all files", .0 >> 20)]
    FolderTooLarge(usize),
    /// The file is no text.
    #[error("expected UTF-8 text")]
    NotUtf8,
    /// The text is not YAML as it is read here.
    #[error(transparent)]
    Yaml(landfall_yaml::Problem),
    /// The document is no object.
    #[error("expected an object with apiVersion, kind, metadata and spec")]
    NotAnObject,
    /// The group and version is another.
    #[error("expected apiVersion: {0}")]
    ApiVersion(&'static str),
    /// The kind is another.
    #[error("expected kind: one of {0}")]
    UnknownKind(String),
    /// The schema of the kind does not allow it.
    #[error("{0}")]
    Schema(String),
    /// A CEL rule of the kind does not hold.
    #[error("{0}")]
    Rule(String),
    /// An item of a list whose key stands in an earlier item.
    #[error("expected a {what} that no earlier item has; item {first} has it too")]
    NotUnique {
        /// Which fields make the key.
        what: String,
        /// Index of the earlier item.
        first: usize,
    },
    /// The schema allows it and the type does not.
    #[error("expected values that fit {0}")]
    Unfit(&'static str),
    /// A namespace on a kind that lives in none.
    #[error("expected no namespace; {0} lives in none")]
    Namespaced(&'static str),
    /// The same kind, namespace and name twice.
    #[error("expected a name that no other {kind} has; it stands already in {first}")]
    DuplicateObject {
        /// The kind.
        kind: &'static str,
        /// File and line of the first.
        first: String,
    },
    /// A reference to what the register does not hold.
    #[error("expected the name of {what}; there is none named {name:?} ({others})")]
    Dangling {
        /// What was expected.
        what: &'static str,
        /// The name that stands there; the schema lets nothing else stand there.
        name: String,
        /// What there is.
        others: Others,
    },
    /// The number of an act that no basis is or rests on.
    #[error("expected the number of {0}, as a TransferBasis writes it")]
    UnknownDecision(&'static str),
    /// So many errors that the rest was left out.
    #[error("further errors were left out")]
    More,
}

/// The objects that could be meant instead of one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Others {
    /// Those with a similar name, each with file and line where that is known.
    pub similar: Vec<String>,
    /// The first few of all, if none is similar.
    pub first: Vec<String>,
    /// How many there are.
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
    /// Whether objects may be behind the problem of which not even kind and name are known.
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
