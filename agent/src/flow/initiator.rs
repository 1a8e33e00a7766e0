//! Which end of a flow began it.

use crate::packet::Packet;

/// Whether the sender of a flow's first packet is its initiator.
///
/// TCP says it: who sends a SYN begins, who answers it does not. When the beginning was missed, or
/// there is none, the ports decide: the end on the lesser [`rank`] serves. On equal ranks, the
/// first sender began.
pub(crate) fn is_sender(packet: &Packet<'_>) -> bool {
    match packet.tcp {
        Some(tcp) if tcp.syn => !tcp.ack,
        _ => rank(packet.src_port) >= rank(packet.dst_port),
    }
}

/// Well-known ports serve, ephemeral ports as Linux gives them out (from 32768) ask, and
/// registered ports serve the latter and ask the former.
fn rank(port: u16) -> u8 {
    match port {
        0..1024 => 0,
        1024..32768 => 1,
        32768.. => 2,
    }
}
