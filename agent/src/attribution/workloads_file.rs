//! The workloads file: YAML, read event by event, so that neither depth nor aliases can grow.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use landfall_observation::{Workload, WorkloadMethod};
use prefix_trie::joint::JointPrefixMap;
use saphyr::Scalar;
use saphyr_parser::{Event, Parser, StrInput};

use super::client::{Declared, declare};

const FIELDS: &str = "one of cidr, namespace, namespaceLabels, kind, name, pod, labels, tenant";
const MAX_LABELS: usize = 256;
/// The longest name that Kubernetes allows is a DNS subdomain.
const MAX_TEXT: usize = 253;

/// A place in the file, and what should stand there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) expected: String,
}

struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Line of the last event.
    line: usize,
}

/// The fields of one workload, as far as they have been read.
#[derive(Default)]
struct Fields {
    cidr: Option<IpNet>,
    namespace: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    pod: Option<String>,
    tenant: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    namespace_labels: Option<BTreeMap<String, String>>,
}

/// Reads the whole file.
pub(super) fn read(contents: &[u8]) -> Result<JointPrefixMap<IpNet, Declared>, Fault> {
    let text = std::str::from_utf8(contents).map_err(|error| {
        let good = &contents[..error.valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        Fault { line, field: "document".to_owned(), expected: "UTF-8 text".to_owned() }
    })?;
    let mut events = Events { parser: Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)), line: 1 };
    events.read_document()
}

impl<'a> Events<'a> {
    fn read_document(&mut self) -> Result<JointPrefixMap<IpNet, Declared>, Fault> {
        const LIST: &str = "a list with at least one workload {cidr, namespace, kind, name}";
        loop {
            match self.next("document")? {
                Event::StreamStart | Event::DocumentStart(_) => {}
                Event::SequenceStart(_, None) => break,
                _ => return Err(self.fault("document", LIST)),
            }
        }
        let mut workloads = Vec::new();
        let mut lines = JointPrefixMap::new();
        for index in 0.. {
            let at = format!("[{index}]");
            match self.next(&at)? {
                Event::MappingStart(_, None) => {
                    let line = self.line;
                    let (cidr, cidr_line, workload) = self.read_workload(&at, line)?;
                    if let Some(first) = lines.insert(cidr, cidr_line) {
                        let expected = format!("a prefix that stands once; this one stands at line {first} too");
                        return Err(Fault { line: cidr_line, field: format!("{at}.cidr"), expected });
                    }
                    workloads.push((cidr, workload));
                }
                Event::SequenceEnd if workloads.is_empty() => return Err(self.fault("document", LIST)),
                Event::SequenceEnd => break,
                _ => return Err(self.fault(&at, "a mapping with cidr, namespace, kind and name")),
            }
        }
        loop {
            match self.next("document")? {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(declare(workloads).collect()),
                _ => return Err(self.fault("document", "the end of the file after one document")),
            }
        }
    }

    /// The rest of a mapping, whose start is read; the prefix comes with its line.
    fn read_workload(&mut self, at: &str, line: usize) -> Result<(IpNet, usize, Workload), Fault> {
        let mut fields = Fields::default();
        let mut cidr_line = line;
        while let Some(key) = self.read_key(at, FIELDS)? {
            let field = format!("{at}.{}", shortened(&key));
            match &*key {
                "cidr" => {
                    let cidr = self.read_cidr(&field)?;
                    cidr_line = self.line;
                    self.set(&mut fields.cidr, cidr, &field)?;
                }
                "namespace" => self.read_text_into(&mut fields.namespace, &field)?,
                "kind" => self.read_text_into(&mut fields.kind, &field)?,
                "name" => self.read_text_into(&mut fields.name, &field)?,
                "pod" => self.read_text_into(&mut fields.pod, &field)?,
                "tenant" => self.read_text_into(&mut fields.tenant, &field)?,
                "labels" => {
                    let labels = self.read_labels(&field)?;
                    self.set(&mut fields.labels, labels, &field)?;
                }
                "namespaceLabels" => {
                    let labels = self.read_labels(&field)?;
                    self.set(&mut fields.namespace_labels, labels, &field)?;
                }
                _ => return Err(self.fault(&field, FIELDS)),
            }
        }
        let missing = |name: &str| Fault { line, field: format!("{at}.{name}"), expected: "this field".to_owned() };
        let Fields { cidr, namespace, kind, name, pod, tenant, labels, namespace_labels } = fields;
        let cidr = cidr.ok_or_else(|| missing("cidr"))?;
        let mut workload = Workload::new(
            namespace.ok_or_else(|| missing("namespace"))?,
            kind.ok_or_else(|| missing("kind"))?,
            name.ok_or_else(|| missing("name"))?,
        );
        workload.labels = labels.unwrap_or_default();
        workload.namespace_labels = namespace_labels.unwrap_or_default();
        workload.pod = pod;
        workload.tenant = tenant;
        workload.method = WorkloadMethod::Address;
        Ok((cidr, cidr_line, workload))
    }

    fn read_cidr(&mut self, field: &str) -> Result<IpNet, Fault> {
        let text = self.read_text(field, false)?;
        let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        // Host bits are a slip of the pen: it is not clear which prefix is meant.
        net.filter(|net| net.trunc() == *net)
            .ok_or_else(|| self.fault(field, "a prefix without host bits such as 192.0.2.0/28, or an address"))
    }

    fn read_labels(&mut self, field: &str) -> Result<BTreeMap<String, String>, Fault> {
        const LABELS: &str = "a mapping of at most 256 labels from text to text";
        let Event::MappingStart(_, None) = self.next(field)? else { return Err(self.fault(field, LABELS)) };
        let mut labels = BTreeMap::new();
        while let Some(key) = self.read_key(field, LABELS)? {
            let label = format!("{field}.{}", shortened(&key));
            if key.is_empty() || key.len() > 2 * MAX_TEXT || labels.len() >= MAX_LABELS {
                return Err(self.fault(&label, LABELS));
            }
            let value = self.read_text(&label, true)?;
            if labels.insert(key.into_owned(), value).is_some() {
                return Err(self.fault(&label, "a label that stands once"));
            }
        }
        Ok(labels)
    }

    /// The next key of a mapping, or its end.
    fn read_key(&mut self, field: &str, expected: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        match self.next(field)? {
            Event::Scalar(key, _, _, None) => Ok(Some(key)),
            Event::MappingEnd => Ok(None),
            _ => Err(self.fault(field, expected)),
        }
    }

    fn read_text_into(&mut self, place: &mut Option<String>, field: &str) -> Result<(), Fault> {
        let text = self.read_text(field, false)?;
        self.set(place, text, field)
    }

    /// A text. What YAML reads as a number, a truth value or null must be quoted, as in Kubernetes.
    fn read_text(&mut self, field: &str, may_be_empty: bool) -> Result<String, Fault> {
        if let Event::Scalar(text, style, _, None) = self.next(field)?
            && let Some(Scalar::String(text)) = Scalar::parse_from_cow_and_metadata(text, style, None)
            && text.len() <= MAX_TEXT
            && (may_be_empty || !text.is_empty())
            && !text.contains(char::is_control)
        {
            return Ok(text.into_owned());
        }
        let least = if may_be_empty { "at most " } else { "1 to " };
        Err(self.fault(field, &format!("text of {least}{MAX_TEXT} bytes, in quotes where it looks like a number")))
    }

    fn set<T>(&self, place: &mut Option<T>, value: T, field: &str) -> Result<(), Fault> {
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(self.fault(field, "a field that stands once")),
        }
    }

    fn next(&mut self, field: &str) -> Result<Event<'a>, Fault> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line().max(1);
                Ok(event)
            }
            Some(Err(error)) => {
                self.line = error.marker().line().max(1);
                // What follows the colon quotes the file.
                let why = error.info().split(": `").next().unwrap_or_default();
                Err(self.fault(field, &format!("YAML ({why})")))
            }
            None => Err(self.fault(field, "more before the end of the file")),
        }
    }

    fn fault(&self, field: &str, expected: &str) -> Fault {
        Fault { line: self.line, field: field.to_owned(), expected: expected.to_owned() }
    }
}

/// A key as an error shows it.
fn shortened(key: &str) -> String {
    key.chars().filter(|letter| !letter.is_control()).take(64).collect()
}
