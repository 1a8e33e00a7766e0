//! The interfaces of a network namespace, from rtnetlink, and which of them are captured.

mod netlink;
mod selection;
mod tables;

use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsFd, BorrowedFd},
};

pub use self::selection::{InterfacePattern, InvalidPattern};
pub(crate) use self::tables::{Route, Tables};
use self::{
    netlink::Netlink,
    selection::{select, unmatched},
};

/// An interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: String,
    /// The bridge or bond it is a port of.
    pub(crate) master: Option<u32>,
    /// Its veth peer in the same namespace, or the interface that it is stacked on.
    pub(crate) lower: Option<u32>,
    pub(crate) kind: LinkKind,
    /// Whether its peer, or the interface that it is stacked on, is in another namespace, such as a pod's.
    pub(crate) leads_elsewhere: bool,
}

/// The kinds of interfaces that show packets in their own way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LinkKind {
    #[default]
    Other,
    /// Packets between its ports do not pass it.
    Bridge,
    /// A BPF program may take packets from one end to another interface, so that they do not pass the other end.
    Netkit,
}

/// A message of the kernel about an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Message {
    /// It was added or changed.
    New(u32, Link),
    /// It is gone.
    Gone(u32),
}

/// The captured interfaces have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkChange {
    /// An interface is captured from now on.
    Captured {
        /// Its index in its namespace.
        index: u32,
        /// Its name.
        name: String,
    },
    /// An interface that was captured is gone, or has another name.
    Gone {
        /// Its index in its namespace.
        index: u32,
        /// Its name.
        name: String,
    },
    /// An interface is selected, but not captured: all its packets pass another one that is.
    Covered {
        /// Its name.
        name: String,
        /// The other one's name.
        by: String,
    },
}

/// Follows the interfaces of the namespace it was opened in.
#[derive(Debug)]
pub struct Links {
    netlink: Netlink,
    patterns: Vec<InterfacePattern>,
    known: BTreeMap<u32, Link>,
    captured: BTreeMap<u32, String>,
    covered: BTreeMap<u32, String>,
}

impl Links {
    /// Lists all interfaces of this thread's network namespace, and listens for changes.
    pub fn open(patterns: Vec<InterfacePattern>) -> io::Result<Self> {
        let mut netlink = Netlink::subscribe()?;
        let known = netlink.dump()?;
        Ok(Self { netlink, patterns, known, captured: BTreeMap::new(), covered: BTreeMap::new() })
    }

    /// Changes since the last call; the first call returns all captured interfaces.
    pub fn changes(&mut self) -> io::Result<Vec<LinkChange>> {
        match self.netlink.messages()? {
            Some(messages) => messages.into_iter().for_each(|message| self.take(message)),
            // Messages were lost because the socket's buffer was full.
            None => self.known = self.netlink.dump()?,
        }
        Ok(self.compare())
    }

    /// Whether an interface is captured.
    pub fn is_captured(&self, index: u32) -> bool {
        self.captured.contains_key(&index)
    }

    /// How many interfaces are captured.
    pub fn captured(&self) -> usize {
        self.captured.len()
    }

    /// Indices of the interfaces that are known and not captured.
    pub fn refused(&self) -> Vec<u32> {
        self.known.keys().copied().filter(|index| !self.is_captured(*index)).collect()
    }

    /// Patterns that match no interface yet.
    pub fn awaited(&self) -> Vec<&str> {
        unmatched(&self.known, &self.patterns).collect()
    }

    /// Names of all interfaces, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.known.values().map(|link| link.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// How many interfaces that are configured by name do not exist. Globs do not count: on a node without pods they
    /// match nothing.
    pub fn absent(&self) -> usize {
        self.awaited().iter().filter(|pattern| !pattern.contains(['*', '?', '[', '{'])).count()
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::New(index, link) => {
                self.known.insert(index, link);
            }
            Message::Gone(index) => {
                self.known.remove(&index);
            }
        }
    }

    /// Selects again and returns the changes.
    fn compare(&mut self) -> Vec<LinkChange> {
        let (captured, covered) = select(&self.known, &self.patterns);
        let mut changes = Vec::new();
        for (&index, name) in &self.captured {
            if captured.get(&index) != Some(name) {
                changes.push(LinkChange::Gone { index, name: name.clone() });
            }
        }
        for (&index, name) in &captured {
            if self.captured.get(&index) != Some(name) {
                changes.push(LinkChange::Captured { index, name: name.clone() });
            }
        }
        for (index, by) in &covered {
            if let Some(link) = self.known.get(index)
                && self.covered.get(index) != Some(by)
            {
                changes.push(LinkChange::Covered { name: link.name.clone(), by: by.clone() });
            }
        }
        self.captured = captured;
        self.covered = covered;
        changes
    }
}

impl AsFd for Links {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}
