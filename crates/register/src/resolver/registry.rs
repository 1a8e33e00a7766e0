use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;
use jiff::civil::Date;
use landfall_api::{Object, RecipientSpec};
use landfall_transfer_law::{Counterpart, lint::ENDPOINT_COLLISION};
use prefix_trie::joint::JointPrefixMap;

use super::{
    host::{HostPattern, registrable, suffixes},
    remote::Remote,
};
use crate::Warning;

/// A recipient and one of its endpoint entries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    recipient: String,
    endpoint: String,
}

/// The entry to which a prefix belongs, and since when the register has it.
#[derive(Debug, Clone)]
struct Declared {
    entry: Entry,
    as_of: Date,
}

/// To whom the names of a remote belong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// One entry.
    Entry(&'a Entry),
    /// Different parties, at least one of them registered: the recipients and labels that are possible.
    Several(Vec<String>),
    /// Nobody in the register, or the remote has no names.
    Nobody,
}

/// The endpoint entries, indexed by what identifies them.
#[derive(Debug, Clone)]
pub(super) struct Registry {
    exact: HashMap<String, Entry>,
    below: HashMap<String, Entry>,
    prefixes: JointPrefixMap<IpNet, Declared>,
    /// `None`: several entries claim the number, so that it identifies none of them.
    asns: HashMap<u32, Option<Entry>>,
    topics: HashMap<String, Entry>,
}

impl Entry {
    pub(super) fn registered(&self) -> Counterpart {
        Counterpart::Registered { recipient: self.recipient.clone(), endpoint: self.endpoint.clone() }
    }
}

impl Registry {
    /// If two entries claim the same host or prefix, it belongs to the first by name, so that the result does not
    /// depend on the order of files; a warning reports it.
    pub(super) fn new(recipients: &[Object<RecipientSpec>]) -> (Self, Vec<Warning>) {
        let mut registry = Self {
            exact: HashMap::new(),
            below: HashMap::new(),
            prefixes: JointPrefixMap::new(),
            asns: HashMap::new(),
            topics: HashMap::new(),
        };
        let mut warnings = Vec::new();
        let mut entries = BTreeMap::new();
        for object in recipients {
            for spec in &object.spec.endpoints {
                let entry = Entry { recipient: object.metadata.name.clone(), endpoint: spec.name.clone() };
                entries.insert(entry, (object, spec));
            }
        }
        for (entry, (object, spec)) in entries {
            let mut warn = |what: String, first: Option<&Entry>| {
                if let Some(Entry { recipient, endpoint }) = first {
                    let message =
                        format!("endpoint {}: {what} stands for {recipient}/{endpoint} already", entry.endpoint);
                    warnings.push(Warning { rule: ENDPOINT_COLLISION.id, ..Warning::new(object, message) });
                }
            };
            for host in &spec.hosts {
                let (names, key) = match HostPattern::new(host) {
                    HostPattern::Exact(name) => (&mut registry.exact, name),
                    HostPattern::Below(suffix) => (&mut registry.below, suffix),
                };
                warn(format!("the host {host}"), names.get(&key));
                names.entry(key).or_insert_with(|| entry.clone());
            }
            for topic in &spec.topics {
                warn(format!("the topic {topic}"), registry.topics.get(topic));
                registry.topics.entry(topic.clone()).or_insert_with(|| entry.clone());
            }
            for cidr in &spec.cidrs {
                let first = registry.prefixes.get(cidr);
                warn(format!("the prefix {cidr}"), first.map(|declared| &declared.entry));
                if first.is_none() {
                    registry.prefixes.insert(*cidr, Declared { entry: entry.clone(), as_of: spec.as_of });
                }
            }
            for asn in &spec.asns {
                let first = registry.asns.get(asn);
                warn(format!("AS{asn}"), first.and_then(Option::as_ref));
                let only = first.is_none().then(|| entry.clone());
                registry.asns.insert(*asn, only);
            }
        }
        (registry, warnings)
    }

    /// Identifies a remote by host; several names identify a recipient only if all belong to the same entry.
    pub(super) fn by_name(&self, remote: &Remote) -> Named<'_> {
        if let Some(entry) = remote.topic.as_ref().and_then(|topic| self.topics.get(topic)) {
            return Named::Entry(entry);
        }
        let found: Vec<_> = remote.names.iter().map(|name| (name, self.host(name))).collect();
        let Some(first) = found.iter().find_map(|(_, entry)| *entry) else { return Named::Nobody };
        if found.iter().all(|(_, entry)| *entry == Some(first)) {
            return Named::Entry(first);
        }
        let mut candidates: Vec<_> = found
            .into_iter()
            .map(|(name, entry)| match entry {
                Some(Entry { recipient, endpoint }) => format!("{recipient}/{endpoint}"),
                None => registrable(name).to_owned(),
            })
            .collect();
        candidates.sort();
        candidates.dedup();
        Named::Several(candidates)
    }

    /// Identifies a remote by the longest prefix that contains its address, else by its autonomous system, if exactly
    /// one entry has that.
    pub(super) fn by_address(&self, remote: &Remote) -> Option<&Entry> {
        let by_prefix = remote.address.and_then(|address| self.prefixes.get_lpm(&address));
        if let Some((_, declared)) = by_prefix {
            return Some(&declared.entry);
        }
        let mut found = remote.asns.iter().filter_map(|asn| self.asns.get(asn));
        let first = found.next()?.as_ref()?;
        found.all(|entry| entry.as_ref() == Some(first)).then_some(first)
    }

    /// The prefixes within the address of a remote.
    pub(super) fn within(&self, remote: &Remote) -> impl Iterator<Item = IpNet> + '_ {
        remote.address.into_iter().flat_map(|address| self.prefixes.children(&address)).map(|(prefix, _)| prefix)
    }

    /// Since when the register has the prefix that contains the address of a remote.
    pub(super) fn as_of(&self, remote: &Remote) -> Option<Date> {
        let (_, declared) = self.prefixes.get_lpm(&remote.address?)?;
        Some(declared.as_of)
    }

    fn host(&self, name: &str) -> Option<&Entry> {
        self.exact.get(name).or_else(|| suffixes(name).find_map(|suffix| self.below.get(suffix)))
    }
}
