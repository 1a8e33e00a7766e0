//! Which interface leads to an address: the kernel's routes, neighbours and forwarding tables of bridges.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::IpAddr,
};

use netlink_packet_route::{
    AddressFamily, RouteNetlinkMessage,
    neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage},
    route::{RouteAddress, RouteAttribute, RouteFlags, RouteMessage, RouteType},
};

use super::{
    InterfacePattern, Link,
    netlink::Netlink,
    selection::{select, unmatched},
};

/// The kernel's tables, of the namespace they were opened in, as of the last [`Self::read`].
#[derive(Debug)]
pub(crate) struct Tables {
    netlink: Netlink,
    patterns: Vec<InterfacePattern>,
    pub(crate) links: BTreeMap<u32, Link>,
    /// Captured interfaces, and those all of whose packets pass a captured one.
    pub(crate) captured: BTreeMap<u32, String>,
    covered: BTreeMap<u32, String>,
    /// Link-layer address by interface and IP address.
    neighbours: HashMap<(u32, IpAddr), Vec<u8>>,
    /// Port by bridge and link-layer address.
    forwarding: HashMap<(u32, Vec<u8>), u32>,
}

/// The route to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// To the namespace itself: the address is its own.
    Local,
    /// Out of an interface.
    Out {
        /// The interface.
        index: u32,
        /// Whether the route is for this address alone, and without a gateway: the address is behind the interface.
        is_for_it_alone: bool,
        /// Whether another router comes next.
        has_gateway: bool,
    },
    /// There is none, or it has several paths.
    Unclear,
}

impl Tables {
    /// Nothing read yet.
    pub(crate) fn open(patterns: Vec<InterfacePattern>) -> io::Result<Self> {
        Ok(Self {
            netlink: Netlink::open()?,
            patterns,
            links: BTreeMap::new(),
            captured: BTreeMap::new(),
            covered: BTreeMap::new(),
            neighbours: HashMap::new(),
            forwarding: HashMap::new(),
        })
    }

    /// Reads interfaces, neighbours and forwarding tables; routes are looked up one by one.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        self.links = self.netlink.dump()?;
        (self.captured, self.covered) = select(&self.links, &self.patterns);
        self.neighbours = self.neighbours()?;
        self.forwarding = self.forwarding()?;
        Ok(())
    }

    /// Patterns that match no interface.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        unmatched(&self.links, &self.patterns).map(str::to_owned).collect()
    }

    /// Whether all packets of an interface are captured.
    pub(crate) fn is_captured(&self, index: u32) -> bool {
        self.captured.contains_key(&index) || self.covered.contains_key(&index)
    }

    /// The route that the kernel would take to an address.
    pub(crate) fn route(&mut self, address: IpAddr) -> io::Result<Route> {
        let (family, whole) = match address {
            IpAddr::V4(_) => (AddressFamily::Inet, 32),
            IpAddr::V6(_) => (AddressFamily::Inet6, 128),
        };
        let mut question = RouteMessage::default();
        question.header.address_family = family;
        question.header.destination_prefix_length = whole;
        // The entry of the table with its own prefix, instead of the path of this one address.
        question.header.flags = RouteFlags::FibMatch;
        question.attributes.push(RouteAttribute::Destination(RouteAddress::from(address)));
        let route = match self.netlink.ask_one(&RouteNetlinkMessage::GetRoute(question)) {
            Ok(Some(RouteNetlinkMessage::NewRoute(route))) => route,
            Ok(_) => return Ok(Route::Unclear),
            // No route, or one that refuses: the kernel answers with the error that a packet would get.
            Err(error) if is_answer(&error) => return Ok(Route::Unclear),
            Err(error) => return Err(error),
        };
        let (mut out, mut has_gateway) = (None, false);
        for attribute in &route.attributes {
            match attribute {
                RouteAttribute::Oif(index) => out = Some(*index),
                RouteAttribute::Gateway(_) | RouteAttribute::Via(_) => has_gateway = true,
                _ => {}
            }
        }
        Ok(match (route.header.kind, out) {
            (RouteType::Local, _) => Route::Local,
            (RouteType::Unicast, Some(index)) => {
                let is_for_it_alone = route.header.destination_prefix_length == whole && !has_gateway;
                Route::Out { index, is_for_it_alone, has_gateway }
            }
            _ => Route::Unclear,
        })
    }

    /// The port of a bridge behind which an address is, if the kernel has learnt it.
    pub(crate) fn port(&self, bridge: u32, address: IpAddr) -> Option<u32> {
        let hardware = self.neighbours.get(&(bridge, address))?;
        self.forwarding.get(&(bridge, hardware.clone())).copied()
    }

    /// The ports of a bridge that lead to other namespaces; all of them if none does.
    pub(crate) fn ports(&self, bridge: u32) -> Vec<u32> {
        let ports = || self.links.iter().filter(move |(_, link)| link.master == Some(bridge));
        let elsewhere: Vec<u32> = ports().filter(|(_, link)| link.leads_elsewhere).map(|(index, _)| *index).collect();
        if elsewhere.is_empty() { ports().map(|(index, _)| *index).collect() } else { elsewhere }
    }

    fn neighbours(&mut self) -> io::Result<HashMap<(u32, IpAddr), Vec<u8>>> {
        let question = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
        let mut neighbours = HashMap::new();
        for (message, hardware) in neighbour_messages(self.netlink.ask_all(&question)?) {
            let address = message.attributes.iter().find_map(|attribute| match attribute {
                NeighbourAttribute::Destination(NeighbourAddress::Inet(address)) => Some(IpAddr::V4(*address)),
                NeighbourAttribute::Destination(NeighbourAddress::Inet6(address)) => Some(IpAddr::V6(*address)),
                _ => None,
            });
            if let Some(address) = address {
                neighbours.insert((message.header.ifindex, address), hardware);
            }
        }
        Ok(neighbours)
    }

    fn forwarding(&mut self) -> io::Result<HashMap<(u32, Vec<u8>), u32>> {
        let mut question = NeighbourMessage::default();
        question.header.family = AddressFamily::Bridge;
        let question = RouteNetlinkMessage::GetNeighbour(question);
        let mut ports = HashMap::new();
        for (message, hardware) in neighbour_messages(self.netlink.ask_all(&question)?) {
            let bridge = message.attributes.iter().find_map(|attribute| match attribute {
                NeighbourAttribute::Controller(index) => Some(*index),
                _ => None,
            });
            if let Some(bridge) = bridge {
                ports.insert((bridge, hardware), message.header.ifindex);
            }
        }
        Ok(ports)
    }
}

/// Messages about neighbours, with the link-layer address.
fn neighbour_messages(messages: Vec<RouteNetlinkMessage>) -> impl Iterator<Item = (NeighbourMessage, Vec<u8>)> {
    messages.into_iter().filter_map(|message| {
        let RouteNetlinkMessage::NewNeighbour(message) = message else { return None };
        let hardware = message.attributes.iter().find_map(|attribute| match attribute {
            NeighbourAttribute::LinkLayerAddress(bytes) => Some(bytes.clone()),
            _ => None,
        })?;
        Some((message, hardware))
    })
}

/// Whether an error is the kernel's answer to a lookup, not a failure of it.
fn is_answer(error: &io::Error) -> bool {
    let unreachable = [libc::ENETUNREACH, libc::EHOSTUNREACH, libc::EACCES, libc::EINVAL, libc::ESRCH, libc::EAGAIN];
    // The kernel has no IPv6.
    let unsupported = [libc::EOPNOTSUPP, libc::EAFNOSUPPORT];
    error.raw_os_error().is_some_and(|code| unreachable.contains(&code) || unsupported.contains(&code))
}
