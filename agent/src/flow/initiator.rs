//! Which end of a flow is its initiator.

use crate::packet::Packet;

/// Whether the sender of a flow's first packet is its initiator.
///
/// In TCP the sender of the SYN is the initiator. If the SYN was missed, or without connections, the ports decide: the
/// end whose port has the lower [`rank`] is the responder. On equal ranks, the first sender is the initiator.
pub(crate) fn is_sender(packet: &Packet<'_>) -> bool {
    match packet.tcp {
        Some(tcp) if tcp.syn => !tcp.ack,
        _ => rank(packet.src_port) >= rank(packet.dst_port),
    }
}

/// 0 for well-known ports, then registered ports, then ephemeral ports as assigned by Linux (from 32768).
fn rank(port: u16) -> u8 {
    match port {
        0..1024 => 0,
        1024..32768 => 1,
        32768.. => 2,
    }
}
