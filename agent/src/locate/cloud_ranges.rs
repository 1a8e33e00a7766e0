//! Published cloud ranges: which prefix belongs to which region of which cloud.
//!
//! The longest prefix with a region wins. Ranges of anycast services are included as edges. Azure lists most of its
//! prefixes a second time under tags without a region, often as smaller prefixes: those count only if no other range
//! contains the address.

mod formats;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt, net::IpAddr, path::Path, sync::Arc};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{Cloud, Confidence, Jurisdiction, LocationEvidence, LocationMethod};
use prefix_trie::joint::JointPrefixMap;

use super::{
    LocateError,
    dataset::{self, Dataset},
};

/// A cloud that publishes its ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Amazon Web Services: `ip-ranges.json`.
    Aws,
    /// Google Cloud: `cloud.json`.
    Gcp,
    /// Microsoft Azure: `ServiceTags_Public_*.json`.
    Azure,
}

/// The ranges of one file.
pub struct CloudRanges {
    provider: Provider,
    dataset: String,
    date: Option<Timestamp>,
    claims: JointPrefixMap<IpNet, Vec<Claim>>,
}

/// Why a document holds no cloud ranges.
#[derive(Debug, thiserror::Error)]
pub enum RangesError {
    /// It is not a JSON object.
    #[error("expected cloud ranges as published, a JSON object")]
    Json(#[source] serde_json::Error),
    /// It is JSON of another kind.
    #[error(
        "expected AWS ip-ranges.json (createDate, prefixes), Google's cloud.json (creationTime, prefixes) or Azure's \
         ServiceTags (changeNumber, values)"
    )]
    UnknownFormat,
    /// It looks like a provider's document, but a part of it differs from the published format.
    #[error("expected the format of {provider}")]
    Format {
        /// The provider.
        provider: Provider,
        /// Where it differs, by line and column.
        source: serde_json::Error,
    },
    /// It has no prefixes.
    #[error("expected at least one prefix of {0}")]
    Empty(Provider),
}

/// The entry of a document for a prefix. The order is by precedence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    kind: ClaimKind,
    region: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ClaimKind {
    /// Of the provider, without a region.
    Unstated,
    /// In a region.
    Region,
    /// Of an anycast service.
    Edge,
}

/// How exact a claim is: stated before unstated, then the longer prefix, then the edge.
type Weight = (bool, u8, ClaimKind);

/// The prefixes of a document that is being read.
#[derive(Default)]
struct Claims {
    by_prefix: JointPrefixMap<IpNet, Vec<Claim>>,
    regions: BTreeSet<Arc<str>>,
}

// === impl Provider ===

impl Provider {
    /// The name in evidence, as in [`Cloud::provider`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "AWS ip-ranges.json",
            Self::Gcp => "Google's cloud.json",
            Self::Azure => "Azure's ServiceTags",
        })
    }
}

// === impl CloudRanges ===

impl CloudRanges {
    /// Reads a document in any of the three published formats; `dataset` names it in evidence.
    pub fn parse(dataset: &str, document: &[u8]) -> Result<Self, RangesError> {
        let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
        let mut claims = Claims::default();
        let (provider, date) = formats::read(document, &mut claims)?;
        if claims.by_prefix.is_empty() {
            return Err(RangesError::Empty(provider));
        }
        Ok(Self { provider, dataset: dataset.to_owned(), date, claims: claims.by_prefix })
    }

    /// Whether there are no prefixes, which [`Self::parse`] refuses.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// The evidence of the document for an address; more than one only if a prefix is listed for several regions.
    pub fn locate(&self, address: IpAddr) -> Vec<LocationEvidence> {
        best(std::iter::once(self), address)
    }

    /// The claims with the highest precedence that contain an address; more than one only if a prefix is listed for
    /// several regions.
    fn claims(&self, address: IpAddr) -> Option<(Weight, impl Iterator<Item = &Claim>)> {
        let (weight, claims) = (self.claims.cover(&IpNet::from(address)))
            .filter_map(|(prefix, claims)| {
                let kind = claims.iter().map(|claim| claim.kind).max()?;
                Some(((kind != ClaimKind::Unstated, prefix.prefix_len(), kind), claims))
            })
            .max_by_key(|(weight, _)| *weight)?;
        Some((weight, claims.iter().filter(move |claim| claim.kind == weight.2)))
    }

    fn evidence(&self, claim: &Claim) -> LocationEvidence {
        let provider = self.provider.as_str();
        let (jurisdiction, confidence) = match claim.kind {
            ClaimKind::Region => (Jurisdiction::from_cloud_region(provider, &claim.region), Confidence::High),
            ClaimKind::Edge | ClaimKind::Unstated => (None, Confidence::UnknownEdge),
        };
        let region = if claim.region.is_empty() { "GLOBAL" } else { &*claim.region };
        LocationEvidence {
            method: LocationMethod::CloudRange,
            jurisdiction,
            cloud: Some(Cloud { provider: provider.to_owned(), region: region.to_owned() }),
            asn: None,
            operator: None,
            confidence,
            dataset: self.dataset.clone(),
            dataset_date: self.date,
        }
    }
}

impl Dataset for CloudRanges {
    fn load(path: &Path, bytes: Vec<u8>) -> Result<Self, LocateError> {
        Self::parse(&dataset::name(path), &bytes)
            .map_err(|source| LocateError::Ranges { path: path.to_owned(), source })
    }
}

/// Without the thousands of prefixes.
impl fmt::Debug for CloudRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudRanges")
            .field("provider", &self.provider)
            .field("dataset", &self.dataset)
            .field("date", &self.date)
            .field("prefixes", &self.claims.len())
            .finish()
    }
}

// === impl Claims ===

impl Claims {
    fn add(&mut self, prefix: IpNet, kind: ClaimKind, region: &str) {
        let region = self.regions.get(region).cloned().unwrap_or_else(|| {
            let new: Arc<str> = region.into();
            self.regions.insert(Arc::clone(&new));
            new
        });
        let claim = Claim { kind, region };
        let claims = self.by_prefix.entry(prefix).or_default();
        // Services of a region share prefixes, so most claims are repetitions.
        if let Err(place) = claims.binary_search(&claim) {
            claims.insert(place, claim);
        }
    }
}

/// The evidence of all documents for an address: the claim with the highest precedence. Of equal claims in two editions
/// of a document, the newest counts.
pub(super) fn best<'a>(documents: impl Iterator<Item = &'a CloudRanges>, address: IpAddr) -> Vec<LocationEvidence> {
    let mut best: Option<Weight> = None;
    let mut evidence: Vec<LocationEvidence> = Vec::new();
    for document in documents {
        let Some((weight, claims)) = document.claims(address) else { continue };
        if best.is_some_and(|best| weight < best) {
            continue;
        }
        if best.replace(weight) != Some(weight) {
            evidence.clear();
        }
        for found in claims.map(|claim| document.evidence(claim)) {
            match evidence.iter_mut().find(|known| known.cloud == found.cloud) {
                Some(known) if known.dataset_date < found.dataset_date => *known = found,
                Some(_) => {}
                None => evidence.push(found),
            }
        }
    }
    evidence
}
