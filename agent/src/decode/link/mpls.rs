//! Label stacks of MPLS (RFC 3032) and the Ethernet frames that they carry (RFC 4448).

use super::{Ended, MAX_HEADERS, Network, Next, Step};
use crate::decode::{frame_kind::FrameKind, link};

/// Maximum number of labels; two or three are common.
const MAX_LABELS: usize = 16;

/// Follows labels to the bottom of the stack. The payload type is not stated: a first nibble of 4 or 6 is IP (RFC 4385,
/// section 1.1), and an Ethernet frame is recognised if its own types lead to a packet.
pub(super) fn behind(bytes: &[u8], at: usize) -> Step {
    let Some(at) = bottom(bytes, at)? else { return Ok(Next::NotIp(FrameKind::TooDeep)) };
    match bytes.get(at).ok_or(Ended)? >> 4 {
        4 => Ok(Next::Ip(Network::Ipv4, at)),
        6 => Ok(Next::Ip(Network::Ipv6, at)),
        // A control word if what follows is valid; addresses can begin with 0 too.
        0 if leads_to_ip(bytes, at + 4)? => Ok(Next::Ethernet(at + 4)),
        // A control channel of the wire itself (RFC 4385, section 5), or the address of a frame.
        _ if leads_to_ip(bytes, at)? => Ok(Next::Ethernet(at)),
        _ => Ok(Next::NotIp(FrameKind::EtherType(0x8847))),
    }
}

/// Where the stack ends (RFC 3032, section 2.1).
fn bottom(bytes: &[u8], at: usize) -> Result<Option<usize>, Ended> {
    for end in (at + 4..).step_by(4).take(MAX_LABELS) {
        if bytes.get(end - 2).ok_or(Ended)? & 1 == 1 {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

/// Whether an Ethernet header at `at` leads to a packet of the IP version that it states. Nested label stacks do not
/// count, because each guess would double the work.
fn leads_to_ip(bytes: &[u8], at: usize) -> Result<bool, Ended> {
    let mut next = Next::Ethernet(at);
    for _ in 0..MAX_HEADERS {
        next = match next {
            Next::Ip(network, at) => {
                let version = bytes.get(at).ok_or(Ended)? >> 4;
                return Ok(version == if network == Network::Ipv4 { 4 } else { 6 });
            }
            Next::NotIp(_) | Next::Labels(_) => return Ok(false),
            header => link::behind(bytes, header)?,
        };
    }
    Ok(false)
}
