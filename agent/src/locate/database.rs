//! ASN and country databases in the MaxMind format.

use std::{
    fmt,
    net::IpAddr,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use landfall_observation::{Confidence, Jurisdiction, LocationEvidence, LocationMethod};
use maxminddb::{LookupResult, MaxMindDbError, Reader, WithinOptions};
use serde::Deserialize;

use super::{
    LocateError,
    dataset::{self, Dataset},
};

/// Maximum number of networks that are read to detect the kind of a database. Real ones have records among their first
/// hundred networks; the limit guards against a crafted tree without end.
const PROBED_NETWORKS: usize = 4_096;

/// Maximum length of an operator's name; the longest real ones have about 120 characters.
const MAX_OPERATOR_CHARS: usize = 200;

/// Autonomous systems and their operators.
#[derive(Debug)]
pub(super) struct AsnDatabase(Database);

/// Countries.
#[derive(Debug)]
pub(super) struct CountryDatabase(Database);

/// The kind of a database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatabaseKind {
    /// Autonomous systems.
    pub asn: bool,
    /// Countries.
    pub country: bool,
}

#[derive(Debug)]
struct Database {
    reader: Reader<Vec<u8>>,
    dataset: String,
    date: Option<Timestamp>,
    /// Whether an invalid record was logged already.
    reported: AtomicBool,
}

/// A record of GeoLite2-ASN, DB-IP or ip-location-db, which name the fields alike.
#[derive(Deserialize)]
struct AsnRecord<'a> {
    autonomous_system_number: Option<u32>,
    #[serde(borrow)]
    autonomous_system_organization: Option<&'a str>,
}

/// A country record: nested as GeoLite2 and DB-IP have it, or flat as ip-location-db has it.
#[derive(Deserialize)]
struct CountryRecord<'a> {
    #[serde(borrow)]
    country_code: Option<&'a str>,
    #[serde(borrow)]
    country: Option<Country<'a>>,
}

/// Some flat layouts hold a country's name here, which is ignored.
#[derive(Deserialize)]
#[serde(untagged)]
enum Country<'a> {
    Nested {
        #[serde(borrow)]
        iso_code: Option<&'a str>,
    },
    Other(serde::de::IgnoredAny),
}

// === impl AsnDatabase ===

impl Dataset for AsnDatabase {
    fn load(path: &Path, bytes: Vec<u8>) -> Result<Self, LocateError> {
        let database = Database::load(path, bytes)?;
        let found = database.kind_of();
        if found.asn { Ok(Self(database)) } else { Err(database.wrong(path, "an ASN database", found)) }
    }
}

impl AsnDatabase {
    pub(super) fn evidence(&self, address: IpAddr) -> Option<LocationEvidence> {
        let record: AsnRecord<'_> = self.0.lookup(address)?;
        let operator = record.autonomous_system_organization.map(|name| {
            name.chars().filter(|letter| !letter.is_control()).take(MAX_OPERATOR_CHARS).collect::<String>()
        });
        Some(LocationEvidence {
            asn: Some(record.autonomous_system_number.filter(|number| *number != 0)?),
            operator: operator.filter(|name| !name.is_empty()),
            ..self.0.evidence(LocationMethod::Asn, Confidence::Medium)
        })
    }
}

// === impl CountryDatabase ===

impl Dataset for CountryDatabase {
    fn load(path: &Path, bytes: Vec<u8>) -> Result<Self, LocateError> {
        let database = Database::load(path, bytes)?;
        let found = database.kind_of();
        if found.country { Ok(Self(database)) } else { Err(database.wrong(path, "a country database", found)) }
    }
}

impl CountryDatabase {
    pub(super) fn evidence(&self, address: IpAddr) -> Option<LocationEvidence> {
        let record: CountryRecord<'_> = self.0.lookup(address)?;
        // Codes that are not countries (`EU`, `AP`, `ZZ`) are ignored.
        let jurisdiction: Jurisdiction = record.code()?.parse().ok()?;
        Some(LocationEvidence {
            jurisdiction: Some(jurisdiction),
            ..self.0.evidence(LocationMethod::CountryDb, Confidence::Low)
        })
    }
}

impl CountryRecord<'_> {
    fn code(&self) -> Option<&str> {
        self.country_code.or(match self.country {
            Some(Country::Nested { iso_code }) => iso_code,
            Some(Country::Other(_)) | None => None,
        })
    }
}

// === impl DatabaseKind ===

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.asn, self.country) {
            (true, true) => "a database of countries and autonomous systems",
            (true, false) => "an ASN database",
            (false, true) => "a country database",
            (false, false) => "a database of neither autonomous systems nor countries",
        })
    }
}

// === impl Database ===

impl Database {
    fn load(path: &Path, bytes: Vec<u8>) -> Result<Self, LocateError> {
        let reader =
            Reader::from_source(bytes).map_err(|source| LocateError::Database { path: path.to_owned(), source })?;
        let epoch = i64::try_from(reader.metadata().build_epoch).ok().filter(|epoch| *epoch > 0);
        let date = epoch.and_then(|epoch| Timestamp::from_second(epoch).ok());
        Ok(Self { reader, dataset: dataset::name(path), date, reported: AtomicBool::new(false) })
    }

    /// The kind according to the first records, or without any, according to the type in the metadata.
    fn kind_of(&self) -> DatabaseKind {
        let mut holds = DatabaseKind::default();
        let Ok(networks) = self.reader.networks(WithinOptions::default().include_networks_without_data()) else {
            return holds;
        };
        let mut empty = true;
        // A record that does not decode is skipped, a tree that does not decode ends the walk.
        for found in networks.take(PROBED_NETWORKS).map_while(Result::ok).filter(LookupResult::has_data) {
            empty = false;
            let asn = found.decode::<AsnRecord<'_>>().ok().flatten();
            holds.asn |= asn.is_some_and(|record| record.autonomous_system_number.is_some());
            let country = found.decode::<CountryRecord<'_>>().ok().flatten();
            holds.country |= country.is_some_and(|record| record.code().is_some());
        }
        if empty {
            let kind = self.reader.metadata().database_type.to_ascii_lowercase();
            holds =
                DatabaseKind { asn: kind.contains("asn"), country: kind.contains("country") || kind.contains("city") };
        }
        holds
    }

    fn wrong(&self, path: &Path, expected: &'static str, found: DatabaseKind) -> LocateError {
        let database_type = self.reader.metadata().database_type.chars().take(64).collect();
        LocateError::WrongDatabase { path: path.to_owned(), expected, found, database_type }
    }

    /// The record of an address. One that cannot be decoded is logged once per database and counts as
    /// missing: a damaged record must not stop the capture.
    fn lookup<'a, T: Deserialize<'a>>(&'a self, address: IpAddr) -> Option<T> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return None;
        }
        let decoded: Result<Option<T>, MaxMindDbError> =
            self.reader.lookup(address).and_then(|found| if found.has_data() { found.decode() } else { Ok(None) });
        decoded.unwrap_or_else(|error| {
            if !self.reported.swap(true, Ordering::Relaxed) {
                tracing::warn!(dataset = %self.dataset, %error, "A record of the location database does not decode");
            }
            None
        })
    }

    /// Empty evidence.
    fn evidence(&self, method: LocationMethod, confidence: Confidence) -> LocationEvidence {
        LocationEvidence {
            method,
            jurisdiction: None,
            cloud: None,
            asn: None,
            operator: None,
            confidence,
            dataset: self.dataset.clone(),
            dataset_date: self.date,
        }
    }
}

/// The kind of the database in a file.
pub(super) fn kind_of(path: &Path) -> Result<DatabaseKind, LocateError> {
    let database = Database::load(path, dataset::read_bounded(path)?)?;
    let found = database.kind_of();
    if found == DatabaseKind::default() {
        return Err(database.wrong(path, "an ASN or a country database", found));
    }
    Ok(found)
}
