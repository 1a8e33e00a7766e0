//! Builds the tree from the parser's events instead of using the parser's own loader, which recurses, does not keep the
//! line of a key, and copies the target of an alias.

use std::{borrow::Cow, collections::BTreeMap};

use saphyr::{Scalar, ScalarStyle, Tag};
use saphyr_parser::{Event, Parser, Span};
use serde_json::{Number, Value};

use crate::{Fault, FieldPath, Problem, Segment};

/// The schemas of the objects are 12 levels deep.
const MAX_DEPTH: usize = 64;
/// Bounds the memory that a file of 8 MiB can take up.
const MAX_VALUES: usize = 200_000;
/// How many faults of one text are kept.
const MAX_FAULTS: usize = 200;
/// The longest key that a fault's path repeats; label keys have 317 characters at most.
const MAX_SHOWN_KEY: usize = 317;
/// The words that are booleans in YAML 1.1 (go-yaml v2, which kubectl uses) and not in YAML 1.2. `NO` is also Norway.
const BARE_BOOLEANS: &[&str] =
    &["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/// A value and the line on which it begins.
#[derive(Debug)]
pub struct Node {
    /// The line, from 1.
    pub line: usize,
    /// The value.
    pub data: Data,
}

/// The content of a value.
#[derive(Debug)]
pub enum Data {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    /// A list.
    Sequence(Vec<Node>),
    /// By key, with the line of the key.
    Mapping(BTreeMap<String, (usize, Node)>),
}

/// The documents of a text that are not empty, and the faults. After a syntax error the rest of the text is not read.
pub fn parse(text: &str) -> (Vec<Node>, Vec<Fault>) {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let more = match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                // Most messages of the scanner are fixed texts; the one that quotes a character is cut off before it.
                let what = error.info().split(": `").next().unwrap_or_default().to_owned();
                builder.fault(error.marker().line(), Problem::Syntax(what));
                false
            }
        };
        if !more || builder.faults.len() >= MAX_FAULTS {
            break;
        }
    }
    (builder.documents, builder.faults)
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    faults: Vec<Fault>,
    open: Vec<Open>,
    values: usize,
}

/// A collection that is being read.
struct Open {
    node: Node,
    /// In a mapping: the key whose value comes next.
    key: Option<(usize, String)>,
}

impl Node {
    /// The same as JSON. A key without a value is left out, as the API server does.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::Sequence(items) => items.iter().map(Self::to_value).collect(),
            Data::Mapping(entries) => {
                Value::Object(entries.iter().map(|(key, (_, node))| (key.clone(), node.to_value())).collect())
            }
        }
    }

    /// The line of the field, or of the last part of its path that exists.
    pub fn line_of(&self, path: &FieldPath) -> usize {
        let (mut node, mut line) = (self, self.line);
        for segment in path.segments() {
            match (segment, &node.data) {
                (Segment::Key(key), Data::Mapping(entries)) => match entries.get(key) {
                    Some((key_line, inner)) => (node, line) = (inner, *key_line),
                    None => return line,
                },
                (Segment::Index(index), Data::Sequence(items)) => match items.get(*index) {
                    Some(inner) => (node, line) = (inner, inner.line),
                    None => return line,
                },
                _ => return line,
            }
        }
        line
    }

    /// A text field of a mapping.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.data {
            Data::Mapping(entries) => match &entries.get(key)?.1.data {
                Data::Scalar(Value::String(text)) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Builder {
    /// Processes one event; `false` if reading must stop.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let line = span.start.line();
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                true
            }
            Event::Alias(_) => self.stop(line, Problem::Alias),
            Event::Scalar(text, style, anchor, tag) => {
                if anchor > 0 {
                    return self.stop(line, Problem::Alias);
                }
                if self.awaits_key() {
                    return self.key(line, text, style);
                }
                let value = scalar(text, style, tag.as_ref()).unwrap_or_else(|problem| {
                    // A string as a stand-in, so that the schema does not report the field as missing as well.
                    let stand_in = if let Problem::BareBoolean(word) = &problem { word.clone() } else { String::new() };
                    self.fault(line, problem);
                    Value::String(stand_in)
                });
                self.place(Node { line, data: Data::Scalar(value) })
            }
            Event::SequenceStart(anchor, tag) => self.open(line, anchor, tag, Data::Sequence(Vec::new())),
            Event::MappingStart(anchor, tag) => self.open(line, anchor, tag, Data::Mapping(BTreeMap::new())),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => self.place(done.node),
                None => true,
            },
        }
    }

    fn open(&mut self, line: usize, anchor: usize, tag: Option<Cow<'_, Tag>>, data: Data) -> bool {
        if anchor > 0 {
            return self.stop(line, Problem::Alias);
        }
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return self.stop(line, Problem::Tag);
        }
        if self.awaits_key() {
            return self.stop(line, Problem::Key);
        }
        if self.open.len() >= MAX_DEPTH {
            return self.stop(line, Problem::TooDeep(MAX_DEPTH));
        }
        self.open.push(Open { node: Node { line, data }, key: None });
        true
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { node: Node { data: Data::Mapping(_), .. }, key: None }))
    }

    fn key(&mut self, line: usize, text: Cow<'_, str>, style: ScalarStyle) -> bool {
        if style == ScalarStyle::Plain && BARE_BOOLEANS.contains(&text.as_ref()) {
            self.fault(line, Problem::BareBoolean(text.clone().into_owned()));
        }
        let key = text.into_owned();
        let mut first = None;
        if let Some(Open { node: Node { data: Data::Mapping(entries), .. }, key: awaited }) = self.open.last_mut() {
            first = entries.get(&key).map(|(line, _)| *line);
            *awaited = Some((line, key));
        }
        if let Some(first) = first {
            self.fault(line, Problem::DuplicateKey(first));
        }
        true
    }

    fn place(&mut self, node: Node) -> bool {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.stop(node.line, Problem::TooManyValues(MAX_VALUES));
        }
        match self.open.last_mut() {
            None => {
                if !matches!(node.data, Data::Scalar(Value::Null)) {
                    self.documents.push(node);
                }
            }
            Some(open) => match (&mut open.node.data, open.key.take()) {
                (Data::Sequence(items), _) => items.push(node),
                (Data::Mapping(entries), Some((line, key))) => {
                    entries.entry(key).or_insert((line, node));
                }
                (Data::Mapping(_) | Data::Scalar(_), _) => {}
            },
        }
        true
    }

    fn stop(&mut self, line: usize, problem: Problem) -> bool {
        self.fault(line, problem);
        false
    }

    fn fault(&mut self, line: usize, problem: Problem) {
        let mut path = FieldPath::default();
        for open in &self.open {
            match (&open.node.data, &open.key) {
                (Data::Sequence(items), _) => path.push(Segment::Index(items.len())),
                (Data::Mapping(_), Some((_, key))) => {
                    let shown = if key.len() > MAX_SHOWN_KEY { "" } else { key.as_str() };
                    path.push(Segment::Key(shown.to_owned()));
                }
                (Data::Mapping(_) | Data::Scalar(_), _) => {}
            }
        }
        self.faults.push(Fault { line, path, problem });
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Cow<'_, Tag>>) -> Result<Value, Problem> {
    if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
        return Err(Problem::Tag);
    }
    if tag.is_none() && style == ScalarStyle::Plain && BARE_BOOLEANS.contains(&text.as_ref()) {
        return Err(Problem::BareBoolean(text.into_owned()));
    }
    match Scalar::parse_from_cow_and_metadata(text, style, tag).ok_or(Problem::Tag)? {
        Scalar::Null => Ok(Value::Null),
        Scalar::Boolean(value) => Ok(Value::Bool(value)),
        Scalar::Integer(value) => Ok(Value::from(value)),
        Scalar::FloatingPoint(value) => {
            Number::from_f64(value.into_inner()).map(Value::Number).ok_or(Problem::NotFinite)
        }
        Scalar::String(value) => Ok(Value::String(value.into_owned())),
    }
}

#[cfg(test)]
mod tests;
