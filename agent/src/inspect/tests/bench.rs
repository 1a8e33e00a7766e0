//! A flow on the bench: packets as the flow table would hand them on.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use landfall_observation::Transport;

use super::super::{DirectionFindings, HostFindings, Inspection, Shared};
use crate::{
    flow::Inspect,
    packet::{FlowKey, Packet, TcpHeader, Way},
};

pub(crate) const CLIENT: &str = "10.0.0.1";
pub(crate) const SERVER: &str = "192.0.2.1";

pub(crate) struct Bench {
    pub(crate) flow: Inspection,
    pub(crate) shared: Shared,
    key: FlowKey,
    at: Timestamp,
    /// Next sequence numbers, by way.
    seq: [u32; 2],
}

impl Bench {
    pub(crate) fn new(port: u16) -> Self {
        Self::with(Shared::default(), Transport::Tcp, SERVER, port)
    }

    pub(crate) fn udp(port: u16) -> Self {
        Self::with(Shared::default(), Transport::Udp, SERVER, port)
    }

    /// A flow from the client to `server` that begins at the epoch of the bench.
    pub(crate) fn with(mut shared: Shared, transport: Transport, server: &str, port: u16) -> Self {
        let key = FlowKey {
            transport,
            protocol_number: if transport == Transport::Tcp { 6 } else { 17 },
            src: CLIENT.parse().unwrap(),
            src_port: 40_000,
            dst: server.parse().unwrap(),
            dst_port: port,
        };
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let flow = Inspection::begin(&key, &Packet::for_flow(&key, at), &mut shared);
        Self { flow, shared, key, at, seq: [100, u32::MAX - 3] }
    }

    /// Another flow that shares with this one, some time after it.
    pub(crate) fn then(self, seconds: i64, transport: Transport, server: &str, port: u16) -> Self {
        let at = self.at + SignedDuration::from_secs(seconds);
        let mut next = Self::with(self.shared, transport, server, port);
        next.at = at;
        next.flow = Inspection::begin(&next.key, &Packet::for_flow(&next.key, at), &mut next.shared);
        next
    }

    /// The handshake.
    pub(crate) fn open(&mut self) -> &mut Self {
        for (way, ack) in [(Way::Out, false), (Way::Back, true)] {
            self.packet(way, |packet| {
                if let Some(tcp) = &mut packet.tcp {
                    tcp.syn = true;
                    tcp.ack = ack;
                }
            });
            self.skip(way, 1);
        }
        self
    }

    /// The next payload of a direction.
    pub(crate) fn say(&mut self, way: Way, payload: &[u8]) -> &mut Self {
        self.packet(way, |packet| {
            packet.payload = payload;
            packet.payload_len = u32::try_from(payload.len()).unwrap();
        });
        self.skip(way, u32::try_from(payload.len()).unwrap())
    }

    /// Bytes that no packet brings, at least not now.
    pub(crate) fn skip(&mut self, way: Way, len: u32) -> &mut Self {
        self.seq[way as usize] = self.seq[way as usize].wrapping_add(len);
        self
    }

    /// Goes back in the sequence numbers.
    pub(crate) fn back_up(&mut self, way: Way, len: u32) -> &mut Self {
        self.seq[way as usize] = self.seq[way as usize].wrapping_sub(len);
        self
    }

    pub(crate) fn close(&mut self, way: Way) -> &mut Self {
        self.packet(way, |packet| {
            if let Some(tcp) = &mut packet.tcp {
                tcp.fin = true;
            }
        });
        self.skip(way, 1)
    }

    /// The findings since the last call for all hosts together, by way.
    pub(crate) fn found(&mut self) -> [DirectionFindings; 2] {
        let mut total = <[DirectionFindings; 2]>::default();
        for HostFindings { host: _, findings } in self.flow.take_findings() {
            for (sum, found) in total.iter_mut().zip(findings) {
                sum.add(found);
            }
        }
        total
    }

    /// A packet with what `change` makes of it.
    pub(crate) fn packet<'p>(&mut self, way: Way, change: impl FnOnce(&mut Packet<'p>)) -> &mut Self {
        let FlowKey { transport, protocol_number, src, src_port, dst, dst_port } = self.key;
        let (src, src_port, dst, dst_port): (IpAddr, u16, IpAddr, u16) = match way {
            Way::Out => (src, src_port, dst, dst_port),
            Way::Back => (dst, dst_port, src, src_port),
        };
        let seq = self.seq[way as usize];
        let tcp =
            (transport == Transport::Tcp).then_some(TcpHeader { seq, syn: false, ack: true, fin: false, rst: false });
        let key = FlowKey { transport, protocol_number, src, src_port, dst, dst_port };
        let mut packet = Packet { tcp, ..Packet::for_flow(&key, self.at) };
        change(&mut packet);
        self.flow.packet(way, &packet, &mut self.shared);
        self
    }
}
