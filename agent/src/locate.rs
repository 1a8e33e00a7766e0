//! Evidence of the location of a remote, by its address. Published cloud ranges take precedence over the operator of
//! the network, and that over a country database.
//!
//! The datasets are files that the user mounts: published cloud ranges, an ASN database and a country database. They
//! are read at the start and again when they change; while a changed file cannot be read, the last good version stays
//! in use.
//!
//! The country database is only a hint and often wrong for clouds, because it has the seat of the holder of a prefix.
//! It is used only if neither a cloud range nor a known edge network contains the address.

mod cloud_ranges;
mod database;
mod dataset;
mod edge_network;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    fs, io, iter,
    net::IpAddr,
    path::{Path, PathBuf},
};

use landfall_observation::{Confidence, LocationEvidence};
use maxminddb::MaxMindDbError;

pub use self::{
    cloud_ranges::{CloudRanges, Provider, RangesError},
    database::DatabaseKind,
};
use self::{
    database::{AsnDatabase, CountryDatabase},
    dataset::ReloadingDataset,
};
use crate::translation::Translation;

/// No published dataset comes near this size (the largest, Azure's, has 4 MB).
const MAX_DATASET_BYTES: u64 = 256 * 1024 * 1024;

/// More datasets than this mean that the wrong folder is configured.
const MAX_DATASETS: usize = 64;

/// Which dataset files to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocatorConfig {
    /// Published cloud ranges; the format is recognised by content.
    pub cloud_ranges: Vec<PathBuf>,
    /// A MaxMind database of autonomous systems.
    pub asn: Option<PathBuf>,
    /// A MaxMind database of countries.
    pub country: Option<PathBuf>,
    /// NAT64 prefixes: the datasets know the network behind a translator, not the translator.
    pub translation: Translation,
}

/// Locates addresses by the datasets.
#[derive(Debug)]
pub struct Locator {
    cloud: Vec<ReloadingDataset<CloudRanges>>,
    asn: Option<ReloadingDataset<AsnDatabase>>,
    country: Option<ReloadingDataset<CountryDatabase>>,
    translation: Translation,
}

/// Why a dataset cannot be used. Each names the file and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// The file or folder cannot be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is larger than any real dataset.
    #[error("failed to load {}: expected a dataset of at most {MAX_DATASET_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no cloud ranges in a known format.
    #[error("failed to load cloud ranges from {}", path.display())]
    Ranges {
        /// The file.
        path: PathBuf,
        /// Why.
        source: RangesError,
    },
    /// The file is not a MaxMind database.
    #[error("failed to load {}: expected a MaxMind database (mmdb)", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: MaxMindDbError,
    },
    /// The database is of another kind.
    #[error("failed to load {}: expected {expected}, found {found} of type {database_type:?}", path.display())]
    WrongDatabase {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
        /// What its records hold.
        found: DatabaseKind,
        /// The type that its metadata names.
        database_type: String,
    },
    /// Two databases of one kind in a folder.
    #[error("failed to choose between {} and {}: expected one {kind} database", path.display(), other.display())]
    Ambiguous {
        /// The second file.
        path: PathBuf,
        /// The first file.
        other: PathBuf,
        /// Which kind there are two of.
        kind: &'static str,
    },
    /// A folder that holds no dataset, or far too many.
    #[error("failed to load {}: expected a folder with 1 to {MAX_DATASETS} datasets (*.json, *.mmdb), found {found}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// How many files there are that could be datasets.
        found: usize,
    },
}

/// Changed datasets that cannot be read; the last good ones stay in use.
#[derive(Debug, thiserror::Error)]
#[error("kept the last good location datasets: {}", listed(failures))]
pub struct RefreshError {
    /// The errors, one per file.
    pub failures: Vec<LocateError>,
    /// Whether another dataset was replaced nevertheless.
    pub changed: bool,
}

impl LocatorConfig {
    /// Uses every `*.json` of a folder as cloud ranges, and its `*.mmdb` by what they hold.
    pub fn from_dir(dir: &Path) -> Result<Self, LocateError> {
        let mut files = dataset_files(dir).map_err(|source| LocateError::Read { path: dir.to_owned(), source })?;
        if files.is_empty() || files.len() > MAX_DATASETS {
            return Err(LocateError::Folder { path: dir.to_owned(), found: files.len() });
        }
        files.sort();
        let mut config = Self::default();
        for path in files {
            if has_extension(&path, "json") {
                config.cloud_ranges.push(path);
                continue;
            }
            let kind = database::kind_of(&path)?;
            if kind.asn {
                take_place(&mut config.asn, &path, "ASN")?;
            }
            if kind.country {
                take_place(&mut config.country, &path, "country")?;
            }
        }
        Ok(config)
    }
}

impl Locator {
    /// Reads all datasets; each must be valid.
    pub fn open(config: &LocatorConfig) -> Result<Self, LocateError> {
        Ok(Self {
            cloud: config.cloud_ranges.iter().map(|path| ReloadingDataset::open(path)).collect::<Result<_, _>>()?,
            asn: config.asn.as_deref().map(ReloadingDataset::open).transpose()?,
            country: config.country.as_deref().map(ReloadingDataset::open).transpose()?,
            translation: config.translation.clone(),
        })
    }

    /// Reloads files whose modification time or size has changed; returns whether any dataset was replaced. An invalid
    /// file is reported once per change, and its last good version stays in use.
    pub fn refresh(&mut self) -> Result<bool, RefreshError> {
        let outcomes = (self.cloud.iter_mut().map(ReloadingDataset::refresh))
            .chain(self.asn.iter_mut().map(ReloadingDataset::refresh))
            .chain(self.country.iter_mut().map(ReloadingDataset::refresh));
        let (mut changed, mut failures) = (false, Vec::new());
        for outcome in outcomes {
            match outcome {
                Ok(replaced) => changed |= replaced,
                Err(error) => failures.push(error),
            }
        }
        if failures.is_empty() { Ok(changed) } else { Err(RefreshError { failures, changed }) }
    }

    /// The NAT64 prefixes.
    pub fn translation(&self) -> &Translation {
        &self.translation
    }

    /// The evidence about an address, the strongest first. For a translated address it is that about the original.
    pub fn locate(&self, address: IpAddr) -> Vec<LocationEvidence> {
        let address = self.translation.original(address);
        let mut evidence = cloud_ranges::best(self.cloud.iter().map(ReloadingDataset::get), address);
        let in_cloud = !evidence.is_empty();
        if let Some(mut network) = self.asn.as_ref().and_then(|asn| asn.get().evidence(address)) {
            // A published range is more specific than the operator of its network.
            if !in_cloud && network.asn.is_some_and(edge_network::is_edge) {
                network.confidence = Confidence::UnknownEdge;
            }
            evidence.push(network);
        }
        let spoken = in_cloud || evidence.iter().any(|known| known.confidence == Confidence::UnknownEdge);
        if !spoken {
            evidence.extend(self.country.as_ref().and_then(|country| country.get().evidence(address)));
        }
        evidence
    }
}

/// All failures with their causes: an error that stands for several has no single source.
fn listed(failures: &[LocateError]) -> String {
    let one = |failure: &LocateError| {
        let causes = iter::successors(failure.source(), |cause: &&(dyn Error + 'static)| (*cause).source());
        causes.fold(failure.to_string(), |text, cause| format!("{text}: {cause}"))
    };
    failures.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The files of a folder that could be datasets.
fn dataset_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if (has_extension(&path, "json") || has_extension(&path, "mmdb")) && path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn take_place(place: &mut Option<PathBuf>, path: &Path, kind: &'static str) -> Result<(), LocateError> {
    match place.replace(path.to_owned()) {
        None => Ok(()),
        Some(other) => Err(LocateError::Ambiguous { path: path.to_owned(), other, kind }),
    }
}
