use std::{mem, sync::Arc};

use landfall_observation::{HostMethod, Inspection, Name, Protocol, Tls, TlsVersion};

use super::{
    naming,
    recognise::{Handling, Kind},
};
use crate::{
    packet::Way,
    parse::{
        text::TextSample,
        tls::{ClientHello, ServerHello},
    },
};

/// Maximum number of names of a flow.
pub const MAX_NAMES: usize = 512;

/// What is known of a flow, as an observation states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Application protocol. Inside a tunnel of HTTP CONNECT, the one spoken with the target.
    pub protocol: Protocol,
    /// The one best name of the responder.
    pub host: Option<String>,
    /// How it is known.
    pub host_method: HostMethod,
    /// All names seen, the best first; on a DNS flow, the names asked for.
    pub names: Vec<Name>,
    /// Whether the ClientHello had an Encrypted Client Hello extension.
    pub ech: bool,
    /// What was negotiated in TLS, as far as it is visible.
    pub tls: Option<Tls>,
    /// How far application data could be inspected.
    pub inspection: Inspection,
    /// The protocol whose reader inspected it.
    pub reader: Option<Protocol>,
}

/// The results of the parsers for a flow.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) kind: Kind,
    /// The protocol whose reader inspected application data.
    pub(super) reader: Option<Kind>,
    /// Whether there was application data in the clear without a reader.
    pub(super) not_read: bool,
    /// The beginnings of directions in which nothing was recognised, by way.
    samples: [TextSample; 2],
    tls: Option<Box<Hellos>>,
    /// Hosts that HTTP requests name, or names that DNS queries ask for; in their order, each once.
    stated: Vec<Name>,
}

/// The contents of the hellos.
#[derive(Debug, Default)]
struct Hellos {
    server_name: Option<String>,
    ech: bool,
    offered_alpn: Option<String>,
    alpn: Option<String>,
    version: Option<TlsVersion>,
}

impl Learned {
    pub(super) fn client_hello(&mut self, hello: ClientHello) {
        let ClientHello { server_name, alpn, versions: _, ech } = hello;
        let hellos = self.tls.get_or_insert_default();
        hellos.server_name = server_name;
        hellos.ech = ech;
        hellos.offered_alpn = alpn.into_iter().next();
    }

    pub(super) fn server_hello(&mut self, hello: ServerHello) {
        let hellos = self.tls.get_or_insert_default();
        hellos.version = hello.version;
        hellos.alpn = hello.alpn;
    }

    /// Notes that the connection switches from plaintext to TLS.
    pub(super) fn begins_tls(&mut self) {
        self.reader = None;
        self.tls.get_or_insert_default();
    }

    /// Bytes of a direction in which nothing was recognised.
    pub(super) fn unrecognised(&mut self, way: Way, bytes: &[u8]) {
        self.samples[way as usize].add(bytes);
    }

    /// Whether enough was seen of a direction in which nothing was recognised.
    pub(super) fn is_sampled(&self, way: Way) -> bool {
        self.samples[way as usize].is_full()
    }

    /// Sets the protocol.
    pub(super) fn become_kind(&mut self, kind: Kind) {
        self.kind = kind;
        self.not_read = kind.handling() == Handling::NotRead;
        self.samples = Default::default();
    }

    /// Whether an unrecognised protocol is plaintext. A server's greeting alone does not show that, if the client
    /// answers with something other than text.
    fn is_unknown_text(&self) -> bool {
        let [out, back] = &self.samples;
        out.is_text() || (back.is_text() && !out.is_binary())
    }

    /// Records a name and returns its place among those stated; `None` if there are too many.
    pub(super) fn state(&mut self, name: String, method: HostMethod) -> Option<usize> {
        if let Some(known) = self.stated.iter().position(|known| known.name == name) {
            return Some(known);
        }
        if self.stated.len() == MAX_NAMES {
            return None;
        }
        self.stated.push(Name { name, method });
        Some(self.stated.len() - 1)
    }

    /// Names that HTTP requests or DNS queries state.
    pub(super) fn stated(&self) -> &[Name] {
        &self.stated
    }

    /// What is known, with the names under which the client looked up the responder.
    pub(super) fn facts(&self, looked_up: &[Arc<str>]) -> Facts {
        let protocol = self.kind.protocol();
        let inspection = if self.not_read || self.is_unknown_text() {
            Inspection::PlaintextNotRead
        } else if self.reader.is_some() {
            Inspection::Plaintext
        } else {
            Inspection::Opaque
        };
        let none = Facts {
            protocol,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: None,
            inspection,
            reader: self.reader.map(Kind::protocol),
        };
        if self.kind == Kind::Dns {
            return Facts { names: self.stated.clone(), ..none };
        }
        let hellos = self.tls.as_deref();
        let server_name = hellos.and_then(|hellos| hellos.server_name.as_deref());
        let ech = hellos.is_some_and(|hellos| hellos.ech);
        let (host, names) = naming::choose(&self.stated, server_name, ech, looked_up);
        // After STARTTLS the kind is that of the protocol before it.
        let tls = (self.kind == Kind::Tls || self.tls.is_some()).then(|| Tls {
            version: hellos.and_then(|hellos| hellos.version),
            alpn: hellos.and_then(|hellos| hellos.alpn.as_ref().or(hellos.offered_alpn.as_ref())).cloned(),
        });
        let host_method = host.as_ref().map_or(HostMethod::None, |host| host.method);
        Facts { host: host.map(|host| host.name), host_method, names, ech, tls, ..none }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
        let hellos = self.tls.as_ref().map_or(0, |hellos| {
            mem::size_of::<Hellos>() + text(&hellos.server_name) + text(&hellos.offered_alpn) + text(&hellos.alpn)
        });
        let stated: usize = self.stated.iter().map(|stated| stated.name.capacity()).sum();
        hellos + stated + self.stated.capacity() * mem::size_of::<Name>()
    }
}
