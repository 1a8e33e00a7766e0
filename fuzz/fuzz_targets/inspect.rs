//! Whole flows from strangers: packets of both directions with any payload, in any order.
#![no_main]

use jiff::Timestamp;
use landfall_agent::{
    flow::Inspect,
    inspect::{Inspection, Shared},
    packet::{FlowKey, LinkEnds, Packet, TcpHeader, Way},
};
use landfall_observation::Transport;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [kind, data @ ..] = data else { return };
    let transport = if kind & 1 == 0 { Transport::Tcp } else { Transport::Udp };
    let dst_port = if kind & 2 == 0 { 80 } else { 53 };
    let key = FlowKey {
        transport,
        protocol_number: 6,
        src: [10, 0, 0, 1].into(),
        src_port: 40_000,
        dst: [192, 0, 2, 1].into(),
        dst_port,
    };
    let mut shared = Shared::default();
    let mut begun = None;
    let mut seq = [0_u32; 2];
    let mut rest = data;
    // Each packet: its flags, how far it is from where the stream is, its length, its payload.
    while let [flags, shift, len, tail @ ..] = rest {
        let (payload, behind) = tail.split_at(usize::from(*len).min(tail.len()));
        rest = behind;
        let way = if flags & 1 == 0 { Way::Out } else { Way::Back };
        let (src, src_port, dst, dst_port) = match way {
            Way::Out => (key.src, key.src_port, key.dst, key.dst_port),
            Way::Back => (key.dst, key.dst_port, key.src, key.src_port),
        };
        let at = seq[way as usize].wrapping_add_signed(if flags & 8 == 0 { 0 } else { i32::from(shift.cast_signed()) });
        let header = TcpHeader { seq: at, syn: flags & 2 != 0, ack: true, fin: flags & 4 != 0, rst: false };
        let cut = if flags & 16 == 0 { 0 } else { u32::from(*shift) };
        let packet = Packet {
            at: Timestamp::UNIX_EPOCH,
            src,
            dst,
            transport,
            protocol_number: 6,
            src_port,
            dst_port,
            tcp: (transport == Transport::Tcp).then_some(header),
            payload,
            payload_len: payload.len() as u32 + cut,
            ip_bytes: 40,
            length_from_frame: false,
            icmpv6_type: None,
            link_broadcast: false,
            truncated: cut > 0,
            malformed: false,
            hop_limit: 64,
            fragment: None,
            link: LinkEnds::default(),
        };
        seq[way as usize] = at.wrapping_add(payload.len() as u32 + u32::from(header.syn));
        let flow = begun.get_or_insert_with(|| Inspection::begin(&key, &packet, &mut shared));
        flow.packet(way, &packet, &mut shared);
        assert!(flow.heap_bytes() < 2 << 20);
    }
    let Some(mut flow) = begun else { return };
    flow.finish();
    let facts = flow.facts();
    assert_eq!(facts.host.is_some(), facts.host_method != landfall_observation::HostMethod::None);
    for found in flow.take_findings().into_iter().flat_map(|of| of.findings) {
        assert!(found.findings.iter().all(|f| f.records >= 1 && f.matches >= f.records));
    }
});
