//! What members tell their group, and what their group tells them: bytes that brokers only pass on. Every byte here is
//! untrusted.
//!
//! The forms are Kafka's `ConsumerProtocolSubscription` and `ConsumerProtocolAssignment` (schemas of its clients), and the
//! metadata of Connect's workers (`ConnectProtocol`, whose later versions only append). Versions begin alike: what follows the
//! parts that are read here is left alone, and so are parts that an older version does not have.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, str};

use super::printable::is_printable;

/// The longest name of a topic.
const MAX_TOPIC: usize = 249;
/// What a worker of Connect without a REST interface has for its address.
const NOT_USED: &str = "NOTUSED";
/// From this version on, a subscription has a rack.
const WITH_RACK: i16 = 3;

/// What a consumer wants to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription<'a> {
    /// Names of topics, in the order in which they were sent.
    pub topics: Vec<&'a str>,
    /// Where the consumer says it is (`client.rack`).
    pub rack: Option<&'a str>,
}

/// What a consumer reads: partitions by topic.
pub type Assignment<'a> = BTreeMap<&'a str, Vec<i32>>;

/// What a worker of Connect tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker<'a> {
    /// Of its REST interface, if it has one.
    pub url: Option<&'a str>,
}

/// Bytes that are not read yet.
struct Rest<'a>(&'a [u8]);

/// Reads a consumer's metadata; none if it is none, or damaged.
pub fn subscription(metadata: &[u8]) -> Option<Subscription<'_>> {
    let mut rest = Rest(metadata);
    let version = rest.i16().filter(|version| *version >= 0)?;
    // Each takes at least the two bytes of its length.
    let count = rest.count(2)?;
    let topics = (0..count).map(|_| rest.topic()).collect::<Option<_>>()?;
    rest.skip_bytes()?;
    if version < WITH_RACK {
        return Some(Subscription { topics, rack: None });
    }
    for _ in 0..rest.count(6)? {
        rest.topic()?;
        rest.partitions()?;
    }
    let _generation = rest.i32()?;
    let rack = rest.string()?.filter(|rack| !rack.is_empty() && rack.chars().all(is_printable));
    Some(Subscription { topics, rack })
}

/// Reads a consumer's assignment; none if it is none, or damaged.
pub fn assignment(assignment: &[u8]) -> Option<Assignment<'_>> {
    let mut rest = Rest(assignment);
    let _version = rest.i16().filter(|version| *version >= 0)?;
    let mut topics = Assignment::new();
    // Each takes at least the two bytes of its length, and four of a count of partitions.
    for _ in 0..rest.count(6)? {
        let topic = rest.topic()?;
        topics.entry(topic).or_default().extend(rest.partitions()?);
    }
    Some(topics)
}

/// Reads a Connect worker's metadata; none if it is none, or damaged.
pub fn worker(metadata: &[u8]) -> Option<Worker<'_>> {
    let mut rest = Rest(metadata);
    let _version = rest.i16().filter(|version| *version >= 0)?;
    let url = rest.string()??;
    let _offset_of_configuration = rest.take(8)?;
    if url == NOT_USED {
        return Some(Worker { url: None });
    }
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    // What stands before an @ can be a password.
    (is_url && url.chars().all(is_printable) && !url.contains('@')).then_some(Worker { url: Some(url) })
}

// === impl Rest ===

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A number of elements of at least so many bytes: no more than there can be in what is left.
    fn count(&mut self, least_bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.i32()?).ok()?;
        (count <= self.0.len() / least_bytes).then_some(count)
    }

    /// A text, or null.
    #[expect(clippy::option_option, reason = "bytes that are none, and a string that is null")]
    fn string(&mut self) -> Option<Option<&'a str>> {
        match self.i16()? {
            -1 => Some(None),
            length => Some(Some(str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()?)),
        }
    }

    /// A text that can be the name of a topic.
    fn topic(&mut self) -> Option<&'a str> {
        let name = self.string()??;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        ((1..=MAX_TOPIC).contains(&name.len()) && name.bytes().all(is_letter)).then_some(name)
    }

    fn partitions(&mut self) -> Option<Vec<i32>> {
        let count = self.count(4)?;
        (0..count).map(|_| self.i32()).collect()
    }

    /// Bytes behind their length, which may be null.
    fn skip_bytes(&mut self) -> Option<()> {
        match self.i32()? {
            -1 => Some(()),
            length => self.take(usize::try_from(length).ok()?).map(drop),
        }
    }
}
