//! Who the other side of an edge is.

use ipnet::IpNet;
use jiff::{Timestamp, civil::Date};
use landfall_observation::Jurisdiction;
use serde::{Deserialize, Serialize};

use crate::edge::OTHER;

/// Who the other side of an edge is, as determined by the resolver.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Counterpart {
    /// A registered recipient and one of its endpoint entries.
    Registered {
        /// Name of the recipient.
        recipient: String,
        /// Name of the endpoint entry.
        endpoint: String,
    },
    /// Nobody in the register.
    Unregistered {
        /// Registrable domain, `AS64500`, or prefix.
        label: String,
        /// Whether it connected through one of the policy's access paths (remote access).
        remote_access: bool,
    },
    /// Several names currently resolve to the address, and they belong to different entries (AmbiguousName).
    Ambiguous {
        /// The recipients and labels it could be.
        candidates: Vec<String>,
    },
    /// A network of the processor's own or run for it.
    OwnNetwork {
        /// The legal entity that runs it.
        operator: String,
        /// Where it is.
        jurisdiction: Jurisdiction,
    },
    /// An inbound client that is not a recipient: a data subject's device.
    DataSubject,
    /// Declared by policy not to carry personal data (NTP, OCSP, package mirrors).
    DeclaredNotPersonal {
        /// The reason given.
        reason: String,
        /// Until when, exclusive.
        until: Option<Timestamp>,
        /// Who it is apart from the declaration, which a finding in what was sent overrules.
        otherwise: Box<Counterpart>,
    },
    /// The address was recorded truncated, and the register declares prefixes within it: only the full address would
    /// show whether it is in one of them.
    Truncated {
        /// The prefix that was recorded.
        address: IpNet,
        /// The declared prefixes within it.
        candidates: Vec<DeclaredPrefix>,
        /// Who it is if it lies in none of them.
        otherwise: Box<Counterpart>,
    },
    /// Remotes beyond the limit of a window (by the agent) or the quota of a namespace (by
    /// [`EdgeAggregator`](crate::EdgeAggregator)), taken together. Never better than Unknown.
    Other {
        /// Whether an unregistered party may be among them.
        unregistered: bool,
        /// Whether one of them connected through one of the policy's access paths.
        remote_access: bool,
    },
}

/// A prefix that the register declares, within one that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredPrefix {
    /// The prefix.
    pub prefix: IpNet,
    /// Who an address in it is.
    pub stands_for: Counterpart,
    /// Since when the register declares it, if stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
}

impl Counterpart {
    /// The recipient's part of an edge's identity.
    pub fn recipient(&self) -> String {
        match self {
            Self::Registered { recipient, .. } => recipient.clone(),
            Self::Unregistered { label, .. } => format!("unregistered:{label}"),
            Self::Ambiguous { candidates } => format!("ambiguous:{}", candidates.join("|")),
            Self::OwnNetwork { operator, jurisdiction } => format!("own-network:{operator}/{jurisdiction}"),
            Self::DataSubject => "data-subjects".to_owned(),
            Self::DeclaredNotPersonal { otherwise, .. } => format!("not-personal:{}", otherwise.recipient()),
            Self::Truncated { address, .. } => format!("truncated:{address}"),
            Self::Other { .. } => OTHER.to_owned(),
        }
    }

    /// The endpoint's part of an edge's identity, empty where there is none.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::Registered { endpoint, .. } => endpoint,
            _ => "",
        }
    }
}
