//! The facts of a transfer, as a case states them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{
    Cloud, Confidence, DataCategory, Jurisdiction, LocationEvidence, LocationMethod, TlsVersion,
};
use landfall_register::Compiled;
use landfall_transfer_law::{
    AgreementId, ChannelFacts, Counterpart, DeclaredPrefix, Edge, EdgeId, Exporter, ObservedCategories, SeenAt,
    SeenDirection, SeenPlace, Sighting, Volume,
};
use serde::Deserialize;

use super::topic::Topic;

/// A transfer. Exactly one of the first nine says to whom; of a topic its bus says the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each named in the file where it is so")]
pub(super) struct Transfer {
    /// A Recipient, by one of its endpoints.
    recipient: Option<String>,
    /// A topic of a MessageBus, and the other party. Beside it only `seen` and `held` count.
    topic: Option<Topic>,
    /// With `recipient`: the name of the endpoint.
    endpoint: Option<String>,
    /// A domain, `AS64500` or prefix that the register does not know.
    unregistered: Option<String>,
    /// With `unregistered`: it came in by an access path.
    remote_access: bool,
    /// A network declared in `ownNetworks`.
    own_network: Option<OwnNetwork>,
    /// A client that is no recipient: a person's device.
    data_subject: bool,
    /// Several names live for one address.
    ambiguous: Option<Vec<String>>,
    /// Declared by a policy not to carry personal data.
    not_personal: Option<NotPersonal>,
    /// To an address that was recorded truncated.
    truncated: Option<Truncated>,
    /// Under an agreement that the register does not have.
    agreement: Option<String>,

    /// Categories seen sent.
    seen: BTreeSet<DataCategory>,
    /// Categories seen at the workload within 30 days.
    held: BTreeSet<DataCategory>,
    /// Where and when categories were seen at the workload; they are held besides those above.
    sightings: Vec<SightingFacts>,
    /// Categories declared on the workload.
    declared: BTreeSet<DataCategory>,
    /// Evidence about the place.
    located: Vec<Located>,
    /// Versions of TLS negotiated.
    tls: BTreeSet<TlsVersion>,
    /// Read in the clear on the wire.
    plaintext: bool,
    /// Some of it was not read.
    opaque: bool,
    /// Some of it was in the clear and was not read.
    plaintext_not_read: bool,
    /// Encrypted Client Hello.
    ech: bool,
    /// Through a proxy, so that no address says where it went.
    through_proxy: bool,
    /// Tenants whose data it carries.
    tenants: BTreeSet<String>,
    /// Some of it names no tenant.
    untenanted: bool,
    /// Nobody accepted a connection.
    attempts_only: bool,
    /// Connections seen; one if nothing is said.
    connections: Option<u64>,
    /// First packet; the instant of the judgment if nothing is said.
    first_seen: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OwnNetwork {
    operator: String,
    jurisdiction: Jurisdiction,
}

/// The declaration, and who it would be otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NotPersonal {
    reason: String,
    until: Option<Timestamp>,
    unregistered: String,
}

/// The prefix that was recorded, and the declared prefixes within by the recipient and endpoint that each stands for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Truncated {
    address: IpNet,
    within: BTreeMap<IpNet, String>,
}

/// One place where a category was seen at the workload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SightingFacts {
    category: DataCategory,
    /// Which way it went; without it, it is not known where it was seen.
    direction: Option<SeenDirection>,
    #[serde(default)]
    recipient: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    port: u16,
    first: Timestamp,
    last: Timestamp,
}

/// One piece of evidence about the place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Located {
    /// In a published range of this cloud and region, such as `aws eu-west-2`.
    Cloud(String),
    /// In a network whose operator is in this country.
    Network(Jurisdiction),
    /// In a network of a content-delivery or anycast service.
    Edge(String),
    /// A country database says so.
    CountryDatabase(Jurisdiction),
}

impl Transfer {
    pub(super) fn edge(&self, agreement: &AgreementId, compiled: &Compiled, at: Timestamp) -> Result<Edge, String> {
        if let Some(topic) = &self.topic {
            let mut edge = topic.edge(compiled, at)?;
            edge.categories.seen.extend(self.seen.iter().cloned());
            edge.categories.held.extend(self.held.iter().cloned());
            return Ok(edge);
        }
        let counterpart = self.counterpart()?;
        let agreement = match &self.agreement {
            Some(name) => AgreementId { name: name.clone(), ..agreement.clone() },
            None => agreement.clone(),
        };
        let first_seen = self.first_seen.unwrap_or(at);
        Ok(Edge {
            id: Arc::new(EdgeId {
                cluster: "cases".to_owned(),
                agreement,
                exporter: Exporter::workload("crm", "Deployment", "sync"),
                recipient: counterpart.recipient(),
                endpoint: counterpart.endpoint().to_owned(),
            }),
            counterpart,
            tenants: self.tenants.clone(),
            untenanted: self.untenanted,
            only_attempts: self.attempts_only,
            categories: ObservedCategories {
                seen: self.seen.clone(),
                held: self
                    .held
                    .iter()
                    .chain(self.sightings.iter().map(|sighting| &sighting.category))
                    .cloned()
                    .collect(),
                sightings: self.sightings.iter().map(SightingFacts::sighting).collect(),
                declared: self.declared.clone(),
                ..ObservedCategories::default()
            },
            location: self.located.iter().map(Located::evidence).collect::<Result<_, _>>()?,
            channel: ChannelFacts {
                tls_versions: self.tls.clone(),
                plaintext: self.plaintext,
                opaque: self.opaque,
                plaintext_not_read: self.plaintext_not_read,
                readers: BTreeSet::new(),
                ech: self.ech,
                hosts: BTreeSet::new(),
                protocols: BTreeSet::new(),
                through_proxy: self.through_proxy,
            },
            first_seen,
            last_seen: first_seen.max(at),
            volume: Volume { bytes_sent: 4096, connections: self.connections.unwrap_or(1), ..Volume::default() },
        })
    }

    fn counterpart(&self) -> Result<Counterpart, String> {
        let stranger =
            |label: &str| Counterpart::Unregistered { label: label.to_owned(), remote_access: self.remote_access };
        let mut named = Vec::new();
        named.extend(self.recipient.as_ref().map(|recipient| Counterpart::Registered {
            recipient: recipient.clone(),
            endpoint: self.endpoint.clone().unwrap_or_default(),
        }));
        named.extend(self.unregistered.as_deref().map(stranger));
        named.extend(self.own_network.as_ref().map(|network| Counterpart::OwnNetwork {
            operator: network.operator.clone(),
            jurisdiction: network.jurisdiction,
        }));
        named.extend(self.data_subject.then_some(Counterpart::DataSubject));
        named.extend(self.truncated.as_ref().map(|truncated| truncated.counterpart(stranger)));
        named.extend(
            self.ambiguous.as_ref().map(|candidates| Counterpart::Ambiguous { candidates: candidates.clone() }),
        );
        named.extend(self.not_personal.as_ref().map(|declared| Counterpart::DeclaredNotPersonal {
            reason: declared.reason.clone(),
            until: declared.until,
            otherwise: Box::new(stranger(&declared.unregistered)),
        }));
        match (named.pop(), named.is_empty()) {
            (Some(counterpart), true) if self.recipient.is_some() == self.endpoint.is_some() => Ok(counterpart),
            _ => Err("expected exactly one counterpart, a recipient with its endpoint".to_owned()),
        }
    }
}

impl SightingFacts {
    fn sighting(&self) -> Sighting {
        let Self { category, direction, recipient, endpoint, port, first, last } = self;
        let place = direction.map(|direction| SeenPlace {
            direction,
            recipient: recipient.clone(),
            endpoint: endpoint.clone(),
            port: *port,
        });
        Sighting { category: category.clone(), seen: Arc::new(SeenAt { first: *first, last: *last, place }) }
    }
}

impl Truncated {
    fn counterpart(&self, stranger: impl Fn(&str) -> Counterpart) -> Counterpart {
        let Self { address, within } = self;
        let candidate = |(prefix, name): (&IpNet, &String)| DeclaredPrefix {
            prefix: *prefix,
            stands_for: match name.split_once('/') {
                Some((recipient, endpoint)) => {
                    Counterpart::Registered { recipient: recipient.to_owned(), endpoint: endpoint.to_owned() }
                }
                None => stranger(name),
            },
            as_of: None,
        };
        Counterpart::Truncated {
            address: *address,
            candidates: within.iter().map(candidate).collect(),
            otherwise: Box::new(stranger(&address.to_string())),
        }
    }
}

impl Located {
    fn evidence(&self) -> Result<LocationEvidence, String> {
        let known = LocationEvidence {
            method: LocationMethod::CloudRange,
            jurisdiction: None,
            cloud: None,
            asn: None,
            operator: None,
            confidence: Confidence::High,
            dataset: "cases".to_owned(),
            dataset_date: None,
        };
        Ok(match self {
            Self::Cloud(text) => {
                let (provider, region) = text.split_once(' ').ok_or("expected a cloud and its region")?;
                let jurisdiction = Jurisdiction::from_cloud_region(provider, region);
                LocationEvidence {
                    jurisdiction,
                    cloud: Some(Cloud { provider: provider.to_owned(), region: region.to_owned() }),
                    confidence: if jurisdiction.is_some() { Confidence::High } else { Confidence::UnknownEdge },
                    ..known
                }
            }
            Self::Network(place) => LocationEvidence {
                method: LocationMethod::Asn,
                jurisdiction: Some(*place),
                asn: Some(64_500),
                confidence: Confidence::Medium,
                ..known
            },
            Self::Edge(operator) => LocationEvidence {
                method: LocationMethod::Asn,
                asn: Some(64_501),
                operator: Some(operator.clone()),
                confidence: Confidence::UnknownEdge,
                ..known
            },
            Self::CountryDatabase(place) => LocationEvidence {
                method: LocationMethod::CountryDb,
                jurisdiction: Some(*place),
                confidence: Confidence::Low,
                ..known
            },
        })
    }
}
