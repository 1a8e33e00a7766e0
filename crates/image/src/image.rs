//! What an image holds and how it runs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{ImageError, layer::Entry, program::libraries};

/// What an image holds; paths inside are absolute.
#[derive(Debug, Clone)]
pub struct Image {
    pub(crate) name: String,
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) entrypoint: Vec<String>,
    user: Option<String>,
    pub(crate) labels: Labels,
    pub(crate) architecture: &'static str,
    /// Libraries of the machine that came with programs, by their path inside, and those that are part of programs.
    pub(crate) libraries: BTreeMap<String, PathBuf>,
}

/// A capability that a file carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileCapability {
    /// `cap_net_raw=p`: permitted if the container has it, and made effective by the program.
    NetRawPermitted,
}

/// Annotations of the OCI image specification, without their prefix `org.opencontainers.image.`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Human-readable title.
    pub title: String,
    /// What is in it.
    pub description: String,
    /// Version of the software.
    pub version: String,
    /// Commit of the source.
    pub revision: Option<String>,
    /// Where the source is (URL).
    pub source: Option<String>,
    /// SPDX expression.
    pub licenses: String,
    /// RFC 3339; the epoch where it is not given, so that the same files make the same image.
    pub created: Option<String>,
}

// === impl Image ===

impl Image {
    /// `NAME:TAG`, for the architecture of this machine, with nothing but `/tmp`.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            entries: BTreeMap::from([("tmp".to_owned(), Entry::Folder { mode: 0o1777 })]),
            entrypoint: Vec::new(),
            user: None,
            labels: Labels::default(),
            architecture: HOST,
            libraries: BTreeMap::new(),
        }
    }

    /// Its `NAME:TAG`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A program of this machine, with the loader and the libraries that `ldd` names.
    pub fn program(mut self, inside: &str, outside: impl AsRef<Path>) -> Result<Self, ImageError> {
        let outside = outside.as_ref();
        let from = fs::canonicalize(outside).map_err(ImageError::file("find", outside))?;
        for library in libraries(&from, self.architecture)? {
            let from = fs::canonicalize(&library).map_err(ImageError::file("find", &library))?;
            self.libraries.insert(library.clone(), from.clone());
            self = self.add(&library, Entry::copy(from));
        }
        Ok(self.add(inside, Entry::copy(from)))
    }

    /// Static libraries of this machine that a program was linked with: nothing of them is added, but they are named in the
    /// SBOM.
    pub fn linked(mut self, libraries: &[PathBuf]) -> Self {
        self.libraries.extend(libraries.iter().map(|library| (library.display().to_string(), library.clone())));
        self
    }

    /// A file with the rights that it has here.
    pub fn file(self, inside: &str, outside: impl Into<PathBuf>) -> Self {
        self.add(inside, Entry::copy(outside.into()))
    }

    /// A file of this text that all may read.
    pub fn text(self, inside: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.add(inside, Entry::Text { bytes: bytes.into() })
    }

    /// A symbolic link.
    pub fn link(self, inside: &str, target: &str) -> Self {
        self.add(inside, Entry::Link { target: target.to_owned() })
    }

    /// Has a file that was added carry a capability.
    pub fn capability(mut self, inside: &str, granted: FileCapability) -> Self {
        if let Some(Entry::Copy { capability, .. }) = self.entries.get_mut(inside.trim_start_matches('/')) {
            *capability = Some(granted);
        }
        self
    }

    /// What runs.
    pub fn entrypoint(mut self, command: &[&str]) -> Self {
        self.entrypoint = command.iter().map(|&part| part.to_owned()).collect();
        self
    }

    /// `UID:GID` that it runs as; root where it is not said.
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// `amd64` or `arm64`, before any program is added.
    pub fn architecture(mut self, architecture: &'static str) -> Self {
        self.architecture = architecture;
        self
    }

    /// What it says of itself.
    pub fn labels(mut self, labels: Labels) -> Self {
        self.labels = labels;
        self
    }

    /// The image configuration of the OCI specification.
    pub(crate) fn configuration(&self, layer_digest: &str) -> String {
        let mut run = json!({ "Env": ["PATH=/usr/bin:/bin"], "Entrypoint": self.entrypoint });
        if let Some(user) = &self.user {
            run["User"] = json!(user);
            run["WorkingDir"] = json!("/");
        }
        let labels = self.labels.annotations();
        if !labels.is_empty() {
            run["Labels"] = json!(labels);
        }
        json!({
            "architecture": self.architecture,
            "os": "linux",
            "created": self.labels.created(),
            "config": run,
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{layer_digest}")] },
        })
        .to_string()
    }

    fn add(mut self, inside: &str, entry: Entry) -> Self {
        let inside = inside.trim_start_matches('/');
        // In the map a folder comes before what it holds.
        for (end, _) in inside.match_indices('/') {
            self.entries.entry(inside[..end].to_owned()).or_insert(Entry::Folder { mode: 0o755 });
        }
        self.entries.insert(inside.to_owned(), entry);
        self
    }
}

// === impl Labels ===

impl Labels {
    pub(crate) fn created(&self) -> &str {
        self.created.as_deref().unwrap_or("1970-01-01T00:00:00Z")
    }

    /// By their full names.
    pub(crate) fn annotations(&self) -> BTreeMap<String, Value> {
        let Self { title, description, version, revision, source, licenses, created } = self;
        let given = [
            ("title", Some(title)),
            ("description", Some(description)),
            ("version", Some(version)),
            ("revision", revision.as_ref()),
            ("source", source.as_ref()),
            ("licenses", Some(licenses)),
            ("created", created.as_ref()),
        ];
        given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
            .map(|(name, value)| (format!("org.opencontainers.image.{name}"), json!(value)))
            .collect()
    }
}

/// The architecture of this machine, as OCI names it.
pub const HOST: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

#[cfg(test)]
mod tests;
