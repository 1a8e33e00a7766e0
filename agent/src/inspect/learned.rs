use std::{mem, sync::Arc};

use landfall_observation::{HostMethod, Inspection, Name, Protocol, Tls, TlsVersion};

use super::{naming, recognise::Kind};
use crate::parse::tls::{ClientHello, ServerHello};

/// How many names of one flow are kept.
pub(super) const MAX_NAMES: usize = 512;

/// What is known of a flow, in the words of an observation.
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
    /// What TLS negotiated, as far as it is visible.
    pub tls: Option<Tls>,
    /// Whether application data was readable.
    pub inspection: Inspection,
}

/// What parsers learned of a flow.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) kind: Kind,
    /// Whether application data was readable.
    pub(super) readable: bool,
    tls: Option<Box<Hellos>>,
    /// Hosts that HTTP requests name, or names that DNS queries ask for; in their order, each once.
    stated: Vec<Name>,
}

/// What the hellos said.
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
        let inspection = if self.readable { Inspection::Plaintext } else { Inspection::Opaque };
        let none = Facts {
            protocol,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: None,
            inspection,
        };
        if self.kind == Kind::Dns {
            return Facts { names: self.stated.clone(), ..none };
        }
        let hellos = self.tls.as_deref();
        let server_name = hellos.and_then(|hellos| hellos.server_name.as_deref());
        let ech = hellos.is_some_and(|hellos| hellos.ech);
        let (host, names) = naming::choose(&self.stated, server_name, ech, looked_up);
        let tls = (self.kind == Kind::Tls).then(|| Tls {
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
