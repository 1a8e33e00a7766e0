//! Capture files that are made up packet by packet.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

/// The cards of the client, of another client and of the router.
pub(crate) const CLIENT: [u8; 6] = [0x02, 0, 0, 0, 0, 0x0a];
pub(crate) const ROUTER: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];

/// A capture of Ethernet frames, a second apart.
#[derive(Default)]
pub(crate) struct Made {
    frames: Vec<(i64, Vec<u8>)>,
    now: i64,
}

/// Who sends to whom, and by which cards.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) src: SocketAddr,
    pub(crate) dst: SocketAddr,
    pub(crate) cards: [[u8; 6]; 2],
}

impl Ends {
    /// From the client's card to the router's.
    pub(crate) fn of(src: &str, dst: &str) -> Self {
        Self { src: src.parse().unwrap(), dst: dst.parse().unwrap(), cards: [CLIENT, ROUTER] }
    }

    pub(crate) fn back(self) -> Self {
        let Self { src, dst, cards: [from, to] } = self;
        Self { src: dst, dst: src, cards: [to, from] }
    }
}

impl Made {
    /// Lets so many milliseconds pass.
    pub(crate) fn wait(&mut self, milliseconds: i64) -> &mut Self {
        self.now += milliseconds;
        self
    }

    /// A datagram.
    pub(crate) fn udp(&mut self, ends: Ends, payload: &[u8]) -> &mut Self {
        let body = udp(ends, payload);
        self.frame(ends, &ip(ends, 17, &body, None))
    }

    /// A datagram in parts of `size` bytes behind the IP header.
    pub(crate) fn udp_in_parts(&mut self, ends: Ends, payload: &[u8], size: usize) -> &mut Self {
        let body = udp(ends, payload);
        for (index, part) in body.chunks(size).enumerate() {
            let offset = index * size;
            let more = offset + part.len() < body.len();
            self.frame(ends, &ip(ends, 17, part, Some((u16::try_from(offset).unwrap(), more))));
        }
        self
    }

    /// A segment that opens a connection.
    pub(crate) fn syn(&mut self, ends: Ends) -> &mut Self {
        let mut body = ends.src.port().to_be_bytes().to_vec();
        body.extend(ends.dst.port().to_be_bytes());
        body.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
        self.frame(ends, &ip(ends, 6, &body, None))
    }

    /// A question for the IPv4 addresses of a name and its answer, which takes `padding` bytes more.
    pub(crate) fn lookup(&mut self, ends: Ends, name: &str, addresses: &[&str], padding: usize) -> &mut Self {
        let answer = answer(name, addresses, padding);
        self.udp(ends, &question(name));
        if padding == 0 { self.udp(ends.back(), &answer) } else { self.udp_in_parts(ends.back(), &answer, 1448) }
    }

    pub(crate) fn write(&self, file: &Path) {
        let mut bytes = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
            bytes.extend(word.to_le_bytes());
        }
        for (at, frame) in &self.frames {
            let length = u32::try_from(frame.len()).unwrap();
            let seconds = u32::try_from(1_700_000_000 + at / 1000).unwrap();
            for word in [seconds, u32::try_from(at % 1000 * 1000).unwrap(), length, length] {
                bytes.extend(word.to_le_bytes());
            }
            bytes.extend(frame);
        }
        std::fs::write(file, bytes).unwrap();
    }

    fn frame(&mut self, ends: Ends, packet: &[u8]) -> &mut Self {
        let [from, to] = ends.cards;
        let kind: [u8; 2] = if ends.src.is_ipv4() { [8, 0] } else { [0x86, 0xdd] };
        self.frames.push((self.now, [&to[..], &from, &kind, packet].concat()));
        self
    }
}

/// A query for the addresses of a name.
pub(crate) fn question(name: &str) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(wire_name(name));
    message.extend([0, 1, 0, 1]);
    message
}

/// Its answer, with a TXT record of `padding` bytes before the addresses.
fn answer(name: &str, addresses: &[&str], padding: usize) -> Vec<u8> {
    let texts = padding.div_ceil(200);
    let mut message = question(name);
    message[2..4].copy_from_slice(&[0x81, 0x80]);
    message[6..8].copy_from_slice(&u16::try_from(texts + addresses.len()).unwrap().to_be_bytes());
    for _ in 0..texts {
        message.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 200, 199]);
        message.extend([b'x'; 199]);
    }
    for address in addresses {
        let (kind, bytes) = match address.parse().unwrap() {
            IpAddr::V4(v4) => (1, v4.octets().to_vec()),
            IpAddr::V6(v6) => (28, v6.octets().to_vec()),
        };
        message.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, u8::try_from(bytes.len()).unwrap()]);
        message.extend(bytes);
    }
    message
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.') {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

fn udp(ends: Ends, payload: &[u8]) -> Vec<u8> {
    let mut body = ends.src.port().to_be_bytes().to_vec();
    body.extend(ends.dst.port().to_be_bytes());
    body.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
    body.extend([0, 0]);
    body.extend(payload);
    body
}

/// A packet with what is behind the IP header; of a fragment, where that begins and whether more follows.
fn ip(ends: Ends, protocol: u8, body: &[u8], fragment: Option<(u16, bool)>) -> Vec<u8> {
    let (offset, more) = fragment.unwrap_or((0, false));
    let length = u16::try_from(body.len()).unwrap();
    match (ends.src.ip(), ends.dst.ip()) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            let mut packet = vec![0x45, 0];
            packet.extend((20 + length).to_be_bytes());
            packet.extend([0x56, 0x78]);
            packet.extend(((offset / 8) | (u16::from(more) << 13)).to_be_bytes());
            packet.extend([64, protocol, 0, 0]);
            packet.extend(src.octets());
            packet.extend(dst.octets());
            packet.extend(body);
            packet
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let header = fragment.map_or(Vec::new(), |_| {
                let [high, low] = (offset | u16::from(more)).to_be_bytes();
                vec![protocol, 0, high, low, 0, 0, 0x56, 0x78]
            });
            let next = if header.is_empty() { protocol } else { 44 };
            let mut packet = vec![0x60, 0, 0, 0];
            packet.extend((length + u16::try_from(header.len()).unwrap()).to_be_bytes());
            packet.extend([next, 64]);
            packet.extend(src.octets());
            packet.extend(dst.octets());
            packet.extend(header);
            packet.extend(body);
            packet
        }
        _ => panic!("both ends are of one family"),
    }
}
