//! Which workload a flow belongs to, by address.
//!
//! In a cluster by a [`Directory`] of the node's pods, elsewhere by a file: a YAML list of `{cidr, namespace,
//! namespaceLabels?, kind, name, pod?, labels?, tenant?}`. Other addresses get [`Workload::unattributed`].

mod client;
mod directory;
#[cfg(test)]
mod tests;
mod workloads_file;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{AgentConfiguration, Workload};
use prefix_trie::joint::JointPrefixMap;

pub use self::{
    client::Client,
    directory::{AddressHolder, Directory},
};
use self::{client::Declared, directory::AddressState};

/// Maximum size of a workloads file in bytes, far more than a cluster needs.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Workloads, found by address: those that a file describes, or the pods of a node.
#[derive(Default)]
pub struct Workloads {
    by_prefix: JointPrefixMap<IpNet, Declared>,
    directory: Option<Arc<Directory>>,
    nobody: Nobody,
}

/// The workload of unknown addresses, shared as the others are.
struct Nobody(Arc<Workload>);

/// Which side of a flow is the local one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalSide {
    /// The side that opened the flow.
    Initiator,
    /// The side that answered.
    Responder,
}

impl LocalSide {
    /// The other one.
    pub fn opposite(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

/// Why an address counts as local, from the weakest reason to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Locality {
    Remote,
    /// It is private, and no local network is known.
    Assumed,
    OwnNetwork,
    /// In a network of the cluster.
    Cluster,
    /// It is the node's.
    Node,
    Workload,
}

/// Why a workloads file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadsError {
    /// The file cannot be read.
    #[error("failed to read workloads from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is larger than any list of workloads.
    #[error("failed to load workloads from {}: expected at most {MAX_FILE_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A part of the file is invalid.
    #[error("{file}:{line}: {field}: expected {expected}")]
    Invalid {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field's path, such as `[2].labels`.
        field: String,
        /// What was expected.
        expected: String,
    },
}

impl Workloads {
    /// Reads a workloads file.
    pub fn from_yaml(path: &Path) -> Result<Self, WorkloadsError> {
        let fail = |source| WorkloadsError::Read { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        File::open(path).map_err(fail)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(WorkloadsError::TooLarge { path: path.to_owned() });
        }
        Self::parse(&path.display().to_string(), &bytes)
    }

    /// Reads the contents of a workloads file; `file` names it in errors.
    pub fn parse(file: &str, contents: &[u8]) -> Result<Self, WorkloadsError> {
        match workloads_file::read(contents) {
            Ok(by_prefix) => Ok(Self { by_prefix, ..Self::default() }),
            Err(fault) => Err(WorkloadsError::Invalid {
                file: file.to_owned(),
                line: fault.line,
                field: fault.field,
                expected: fault.expected,
            }),
        }
    }

    /// The pods of a node.
    pub fn from_directory(directory: Arc<Directory>) -> Self {
        Self { directory: Some(directory), ..Self::default() }
    }

    /// The workload of an address at an instant, by the longest prefix of a file.
    pub fn attribute(&self, address: IpAddr, at: Timestamp) -> Option<Arc<Workload>> {
        if let Some(directory) = &self.directory {
            return directory.whose(address, at);
        }
        let (_, declared) = self.by_prefix.get_lpm(&IpNet::from(address.to_canonical()))?;
        Some(Arc::clone(&declared.workload))
    }

    /// The client with an address at an instant, so that names that one of its addresses looked up apply to all of
    /// them. `None` if it is not known.
    pub fn client(&self, address: IpAddr, at: Timestamp) -> Option<Client> {
        if let Some(directory) = &self.directory {
            return directory.client(address, at);
        }
        let (_, declared) = self.by_prefix.get_lpm(&IpNet::from(address.to_canonical()))?;
        Some(declared.client.clone())
    }

    /// The workload of a local address, [`Workload::unattributed`] if it is not known. `bytes` are accounted to it.
    pub fn workload_of(&self, address: IpAddr, at: Timestamp, bytes: u64) -> Arc<Workload> {
        self.attribute(address, at).unwrap_or_else(|| {
            self.directory.iter().for_each(|directory| directory.count_unattributed(bytes));
            Arc::clone(&self.nobody.0)
        })
    }

    /// Whether to wait before a flow is attributed, because one of its addresses may be a new pod's.
    pub fn is_awaited(&self, addresses: [IpAddr; 2], at: Timestamp, now: Timestamp) -> bool {
        let Some(directory) = &self.directory else { return false };
        addresses.iter().any(|address| directory.is_awaited(*address, at, now))
    }

    /// Which side of a flow is local.
    ///
    /// A workload takes precedence over an own network, and that over a private address. A private address counts only
    /// if nothing describes the workloads: otherwise an undescribed private address may well belong to a provider. If
    /// neither side takes precedence, the initiator is the local one: every flow must yield exactly one observation,
    /// otherwise its bytes would count twice or not at all, and the initiator decides to send.
    pub fn which_is_local(
        &self,
        own: &AgentConfiguration,
        initiator: IpAddr,
        responder: IpAddr,
        at: Timestamp,
    ) -> LocalSide {
        if self.locality(own, responder, at) > self.locality(own, initiator, at) {
            LocalSide::Responder
        } else {
            LocalSide::Initiator
        }
    }

    /// Whether the ends of a flow are two workloads that are known here.
    pub fn holds_both_ends(&self, initiator: IpAddr, responder: IpAddr, at: Timestamp) -> bool {
        let [initiator, responder] = [initiator, responder].map(|address| self.attribute(address, at));
        initiator.is_some() && responder.is_some() && initiator != responder
    }

    fn locality(&self, own: &AgentConfiguration, address: IpAddr, at: Timestamp) -> Locality {
        let address = address.to_canonical();
        let known = match &self.directory {
            Some(directory) => match directory.address_state(address, at) {
                AddressState::Pod => Some(Locality::Workload),
                AddressState::Node => Some(Locality::Node),
                AddressState::Local => Some(Locality::Cluster),
                AddressState::Foreign => None,
            },
            None => self.by_prefix.get_lpm(&IpNet::from(address)).map(|_| Locality::Workload),
        };
        let in_own_network =
            || own.own_networks.iter().flat_map(|network| &network.cidrs).any(|cidr| cidr.contains(&address));
        let is_described =
            self.directory.as_ref().map_or(!self.by_prefix.is_empty(), |directory| directory.has_networks());
        match known {
            Some(locality) => locality,
            None if in_own_network() => Locality::OwnNetwork,
            None if !is_described && is_private(address) => Locality::Assumed,
            None => Locality::Remote,
        }
    }
}

impl Default for Nobody {
    fn default() -> Self {
        Self(Arc::new(Workload::unattributed()))
    }
}

/// Shows only their number: labels of workloads do not belong in a log.
impl fmt::Debug for Workloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by_prefix, directory, nobody: _ } = self;
        f.debug_struct("Workloads").field("prefixes", &by_prefix.len()).field("node", &directory.is_some()).finish()
    }
}

/// Private, loopback, link-local or unique local.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
