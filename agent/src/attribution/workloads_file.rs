//! The workloads file: a list of prefixes and the workload of each.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use landfall_observation::{Workload, WorkloadMethod};
use landfall_yaml::{Data, FieldPath, Node};
use prefix_trie::joint::JointPrefixMap;
use serde_json::Value;

use super::client::{Declared, declare};

const LIST: &str = "a list with at least one workload {cidr, namespace, kind, name}";
const FIELDS: &str = "one of cidr, namespace, namespaceLabels, kind, name, pod, labels, tenant";
const LABELS: &str = "a mapping of at most 256 labels from text to text";
const MAX_LABELS: usize = 256;
/// The longest name that Kubernetes allows is a DNS subdomain.
const MAX_TEXT: usize = 253;

/// A place in the file, and what was expected there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) expected: String,
}

/// A value, where it stands, and the line of its key.
struct Field<'a> {
    path: FieldPath,
    line: usize,
    node: &'a Node,
}

/// Reads the whole file.
pub(super) fn read(contents: &[u8]) -> Result<JointPrefixMap<IpNet, Declared>, Fault> {
    let document = |line, expected: &str| Fault { line, field: "document".to_owned(), expected: expected.to_owned() };
    let text = std::str::from_utf8(contents).map_err(|error| {
        let good = &contents[..error.valid_up_to()];
        document(good.split(|byte| *byte == b'\n').count(), "UTF-8 text")
    })?;
    let (documents, faults) = landfall_yaml::parse(text.strip_prefix('\u{feff}').unwrap_or(text));
    if let Some(fault) = faults.first() {
        return Err(Fault::from(fault));
    }
    if let Some(second) = documents.get(1) {
        return Err(document(second.line, "the end of the file after one document"));
    }
    let root = documents.first().ok_or_else(|| document(1, LIST))?;
    match &root.data {
        Data::Sequence(items) if !items.is_empty() => read_workloads(items),
        _ => Err(document(root.line, LIST)),
    }
}

fn read_workloads(items: &[Node]) -> Result<JointPrefixMap<IpNet, Declared>, Fault> {
    let mut workloads = Vec::new();
    let mut lines = JointPrefixMap::new();
    for (index, node) in items.iter().enumerate() {
        let item = Field { path: FieldPath::default().index(index), line: node.line, node };
        let (cidr, workload) = read_workload(&item)?;
        let line = node.line_of(&FieldPath::default().key("cidr"));
        if let Some(first) = lines.insert(cidr, line) {
            let expected = format!("a prefix that stands once; this one stands at line {first} too");
            return Err(Fault { line, field: item.path.key("cidr").to_string(), expected });
        }
        workloads.push((cidr, workload));
    }
    Ok(declare(workloads).collect())
}

fn read_workload(item: &Field<'_>) -> Result<(IpNet, Workload), Fault> {
    let mut cidr = None;
    let (mut namespace, mut kind, mut name, mut pod, mut tenant) = (None, None, None, None, None);
    let (mut labels, mut namespace_labels) = (BTreeMap::new(), BTreeMap::new());
    for (key, field) in item.entries("a mapping with cidr, namespace, kind and name")? {
        match key {
            "cidr" => cidr = Some(field.prefix()?),
            "namespace" => namespace = Some(field.text()?),
            "kind" => kind = Some(field.text()?),
            "name" => name = Some(field.text()?),
            "pod" => pod = Some(field.text()?),
            "tenant" => tenant = Some(field.text()?),
            "labels" => labels = field.labels()?,
            "namespaceLabels" => namespace_labels = field.labels()?,
            _ => return Err(field.fault(FIELDS)),
        }
    }
    let missing = |name: &str| Fault {
        line: item.line,
        field: item.path.key(name).to_string(),
        expected: "this field".to_owned(),
    };
    let cidr = cidr.ok_or_else(|| missing("cidr"))?;
    let mut workload = Workload::new(
        namespace.ok_or_else(|| missing("namespace"))?,
        kind.ok_or_else(|| missing("kind"))?,
        name.ok_or_else(|| missing("name"))?,
    );
    workload.labels = labels;
    workload.namespace_labels = namespace_labels;
    workload.pod = pod;
    workload.tenant = tenant;
    workload.method = WorkloadMethod::Address;
    Ok((cidr, workload))
}

impl<'a> Field<'a> {
    /// The fields of a mapping.
    fn entries(&self, expected: &str) -> Result<impl ExactSizeIterator<Item = (&'a str, Self)>, Fault> {
        let Data::Mapping(entries) = &self.node.data else { return Err(self.fault(expected)) };
        Ok(entries
            .iter()
            .map(|(key, (line, node))| (key.as_str(), Self { path: self.path.key(key), line: *line, node })))
    }

    fn prefix(&self) -> Result<IpNet, Fault> {
        let text = self.text()?;
        let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        // Host bits are a mistake: it is not clear which prefix is meant.
        net.filter(|net| net.trunc() == *net)
            .ok_or_else(|| self.fault("a prefix without host bits such as 192.0.2.0/28, or an address"))
    }

    fn labels(&self) -> Result<BTreeMap<String, String>, Fault> {
        let entries = self.entries(LABELS)?;
        if entries.len() > MAX_LABELS {
            return Err(self.fault(LABELS));
        }
        let label = |(key, value): (&str, Self)| {
            if key.is_empty() || key.len() > 2 * MAX_TEXT {
                return Err(value.fault(LABELS));
            }
            Ok((key.to_owned(), value.text_or_empty()?))
        };
        entries.map(label).collect()
    }

    fn text(&self) -> Result<String, Fault> {
        self.bounded_text(1).ok_or_else(|| self.no_text("1 to "))
    }

    fn text_or_empty(&self) -> Result<String, Fault> {
        self.bounded_text(0).ok_or_else(|| self.no_text("at most "))
    }

    /// A text. What YAML reads as a number, a truth value or null must be quoted, as in Kubernetes.
    fn bounded_text(&self, least: usize) -> Option<String> {
        match &self.node.data {
            Data::Scalar(Value::String(text))
                if (least..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control) =>
            {
                Some(text.clone())
            }
            _ => None,
        }
    }

    fn no_text(&self, least: &str) -> Fault {
        self.fault(&format!("text of {least}{MAX_TEXT} bytes, in quotes where it looks like a number"))
    }

    fn fault(&self, expected: &str) -> Fault {
        Fault { line: self.line, field: self.path.to_string(), expected: expected.to_owned() }
    }
}

impl From<&landfall_yaml::Fault> for Fault {
    fn from(fault: &landfall_yaml::Fault) -> Self {
        let path = fault.path.to_string();
        let problem = fault.problem.to_string();
        Self {
            line: fault.line.max(1),
            field: if path.is_empty() { "document".to_owned() } else { path },
            expected: problem.strip_prefix("expected ").unwrap_or(&problem).to_owned(),
        }
    }
}
