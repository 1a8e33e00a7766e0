//! Lists and reads the files of a register folder. Neither sizes nor links are trusted.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use crate::{Problem, RegisterError};

/// For comparison: a register of a thousand recipients is below 4 MiB.
const MAX_FILE: u64 = 8 << 20;
const MAX_FILES: usize = 10_000;
const MAX_FOLDERS: usize = 16;

/// The files of `folder` and its subfolders, sorted, as far as they can be listed.
///
/// Names that begin with a dot are left out: a mounted ConfigMap keeps its versions in `..data`
/// and links to them.
pub(crate) fn files(folder: &Path, errors: &mut Vec<RegisterError>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    list(folder, &mut Vec::new(), &mut found, errors);
    if found.len() > MAX_FILES {
        found.truncate(MAX_FILES);
        errors.push(at(folder, Problem::TooManyFiles(MAX_FILES)));
    }
    if found.is_empty() && errors.is_empty() {
        errors.push(at(folder, Problem::NoFiles));
    }
    found
}

/// The text of one file.
pub(crate) fn read(file: &Path) -> Result<String, Problem> {
    let bytes = fs::File::open(file).and_then(|opened| {
        let mut bytes = Vec::new();
        opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = bytes.map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Problem::TooLarge(MAX_FILE));
    }
    String::from_utf8(bytes).map_err(|_| Problem::NotUtf8)
}

fn list(folder: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>, errors: &mut Vec<RegisterError>) {
    let (real, mut entries) = match resolve(folder) {
        Ok(listed) => listed,
        Err(problem) => return errors.push(at(folder, problem)),
    };
    if above.contains(&real) {
        return errors.push(at(folder, Problem::Loop));
    }
    if above.len() > MAX_FOLDERS {
        return errors.push(at(folder, Problem::FoldersTooDeep(MAX_FOLDERS)));
    }
    entries.sort();
    above.push(real);
    for entry in entries {
        if found.len() > MAX_FILES {
            break;
        }
        let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_yaml = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if hidden {
            continue;
        }
        match fs::metadata(&entry) {
            Ok(metadata) if metadata.is_dir() => list(&entry, above, found, errors),
            // Opening a pipe would block until somebody writes to it.
            Ok(metadata) if is_yaml && !metadata.is_file() => errors.push(at(&entry, Problem::NotAFile)),
            Ok(_) if is_yaml => found.push(entry),
            Err(error) if is_yaml => errors.push(at(&entry, Problem::Unreadable(error))),
            Ok(_) | Err(_) => {}
        }
    }
    above.pop();
}

fn resolve(folder: &Path) -> Result<(PathBuf, Vec<PathBuf>), Problem> {
    let real = folder.canonicalize().map_err(unreadable)?;
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.take(MAX_FILES * 2).map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    match entries {
        Ok(entries) => Ok((real, entries)),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Problem::NotAFolder),
        Err(error) => Err(Problem::Unreadable(error)),
    }
}

fn unreadable(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound { Problem::NotThere } else { Problem::Unreadable(error) }
}

fn at(file: &Path, problem: Problem) -> RegisterError {
    RegisterError { file: file.to_owned(), line: None, path: String::new(), problem }
}
