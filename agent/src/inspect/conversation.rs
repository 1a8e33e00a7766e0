use super::{
    InspectionContext, Shared,
    dns::DnsStream,
    findings::Found,
    hello::{Hellos, MAX_HELLO},
    http::{Exchange, Tunnel},
    learned::Learned,
    recognise::{Kind, beginning},
    upgrade::{Outcome, Upgrade},
};
use crate::{
    packet::{Packet, Way},
    parse::{Parse, tls},
    reassembly::{Assembler, Buffer, Limits, Piece, Segment},
};

/// Until the protocol is known: no end of the stream, and a small buffer.
const OPENING: Limits = Limits { stream: u64::MAX, early: 64 * 1024 };
/// For TLS hellos: only the beginning is read.
const HELLO: Limits = Limits { stream: MAX_HELLO as u64, early: 2 * MAX_HELLO };
/// For protocols that are read to the end: buffer space for the segments behind a lost one.
const READING: Limits = Limits { stream: u64::MAX, early: 256 * 1024 };
/// Segments after which the protocol of a direction that was captured from mid-stream stays unknown.
const MAX_MID_STREAM: u8 = 16;
/// Maximum number of bytes to buffer of a direction whose protocol is not known.
const MAX_UNDECIDED: usize = 1024;

/// A TCP connection that carries payload.
#[derive(Debug)]
pub(super) struct Conversation {
    /// By way.
    assemblers: [Assembler; 2],
    phase: Phase,
}

/// How the streams are read.
#[derive(Debug)]
enum Phase {
    Undecided(Undecided),
    /// Plaintext that may switch to TLS.
    Upgrade(Upgrade),
    Tls(Hellos),
    Http(Box<Exchange>),
    Dns(DnsStream),
    /// Recognised, and not read any further.
    Over,
}

/// The beginnings of both streams, by way.
#[derive(Debug)]
struct Undecided {
    held: [Buffer; 2],
    /// How many more beginnings each direction may show.
    left: [u8; 2],
}

/// What a phase decides after a piece.
enum Next {
    Stay,
    Become(Kind),
    /// TLS begins with this piece.
    BeginTls,
    /// What follows is in the clear, and there is no reader for it.
    NotRead,
    /// The protocol is known, and nothing more can be learned.
    Settle(Kind),
    Tunnel(Tunnel),
}

impl Conversation {
    /// A connection whose SYNs had these sequence numbers, by way, as far as they were seen.
    pub(super) fn new(starts: [Option<u32>; 2], dns: bool) -> Self {
        let left = starts.map(|start| if start.is_some() { 1 } else { MAX_MID_STREAM });
        let assembler = |start: Option<u32>| match start {
            Some(seq) => Assembler::starting_at(OPENING, seq),
            None => Assembler::new(OPENING),
        };
        let phase = if dns {
            Phase::Dns(DnsStream::default())
        } else {
            Phase::Undecided(Undecided { held: Default::default(), left })
        };
        Self { assemblers: starts.map(assembler), phase }
    }

    /// Whether nothing more can be learned.
    pub(super) fn is_over(&self, learned: &Learned) -> bool {
        let ended = self.assemblers.iter().all(Assembler::is_over);
        ended
            || match &self.phase {
                Phase::Undecided(undecided) => {
                    undecided.left == [0, 0] && [Way::Out, Way::Back].into_iter().any(|way| learned.is_sampled(way))
                }
                Phase::Upgrade(_) => false,
                Phase::Tls(hellos) => hellos.is_done(Way::Out) && hellos.is_done(Way::Back),
                Phase::Dns(stream) => stream.is_over(),
                Phase::Http(exchange) => exchange.is_closed(),
                Phase::Over => true,
            }
    }

    /// Whether protocol and host are final.
    pub(super) fn is_settled(&self, learned: &Learned) -> bool {
        match &self.phase {
            Phase::Undecided(_) | Phase::Upgrade(_) | Phase::Tls(_) => false,
            Phase::Http(_) => learned.reader.is_some() && !learned.stated().is_empty(),
            Phase::Dns(_) | Phase::Over => true,
        }
    }

    pub(super) fn segment(&mut self, segment: Segment<'_>, context: &mut InspectionContext<'_>) {
        let index = context.way as usize;
        if self.phase.is_deaf(context.way, context.learned) {
            return;
        }
        let phase = &mut self.phase;
        let (gaps, gap_bytes) = self.assemblers[index].gaps();
        let InspectionContext { learned, found, shared, way, packet } = context;
        self.assemblers[index].segment(segment, |piece| {
            phase.piece(*way, piece, &mut Outputs { learned, found, shared, packet: Some(packet) });
        });
        let (gaps_now, gap_bytes_now) = self.assemblers[index].gaps();
        shared.counters.gaps += gaps_now - gaps;
        shared.counters.gap_bytes += gap_bytes_now - gap_bytes;
        let limits = self.phase.limits();
        for assembler in &mut self.assemblers {
            assembler.set_limits(limits);
        }
    }

    /// Reads what is buffered, as far as possible.
    pub(super) fn finish(&mut self, learned: &mut Learned, found: &mut Option<Box<Found>>, shared: &mut Shared) {
        for way in [Way::Out, Way::Back] {
            let phase = &mut self.phase;
            self.assemblers[way as usize].finish(|piece| {
                phase.piece(way, piece, &mut Outputs { learned, found, shared, packet: None });
            });
            if let Phase::Undecided(undecided) = phase {
                undecided.give_up(way, learned);
            }
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let early: usize = self.assemblers.iter().map(Assembler::heap_bytes).sum();
        early
            + match &self.phase {
                Phase::Undecided(undecided) => undecided.held.iter().map(Buffer::heap_bytes).sum(),
                Phase::Upgrade(upgrade) => upgrade.heap_bytes(),
                Phase::Tls(hellos) => hellos.heap_bytes(),
                Phase::Http(exchange) => size_of::<Exchange>() + exchange.heap_bytes(),
                Phase::Dns(stream) => stream.heap_bytes(),
                Phase::Over => 0,
            }
    }
}

/// Where the phases put their results.
pub(super) struct Outputs<'h> {
    pub(super) learned: &'h mut Learned,
    pub(super) found: &'h mut Option<Box<Found>>,
    pub(super) shared: &'h mut Shared,
    /// The packet that brought the piece; none at the end of the flow.
    packet: Option<&'h Packet<'h>>,
}

impl Phase {
    /// Whether a direction can tell nothing more.
    fn is_deaf(&self, way: Way, learned: &Learned) -> bool {
        match self {
            Self::Undecided(undecided) => undecided.left[way as usize] == 0 && learned.is_sampled(way),
            Self::Tls(hellos) => hellos.is_done(way),
            Self::Upgrade(_) | Self::Http(_) | Self::Dns(_) => false,
            Self::Over => true,
        }
    }

    fn limits(&self) -> Limits {
        match self {
            Self::Undecided(_) => OPENING,
            Self::Tls(_) => HELLO,
            Self::Upgrade(_) | Self::Http(_) | Self::Dns(_) | Self::Over => READING,
        }
    }

    fn piece(&mut self, way: Way, piece: Piece<'_>, outputs: &mut Outputs<'_>) {
        let next = match self {
            Self::Undecided(undecided) => undecided.piece(way, piece, outputs.learned),
            Self::Upgrade(upgrade) => match upgrade.piece(way, piece) {
                Outcome::Negotiating => Next::Stay,
                Outcome::Tls => Next::BeginTls,
                Outcome::Plaintext => Next::NotRead,
            },
            Self::Tls(hellos) => {
                hellos.piece(way, piece, outputs.learned);
                Next::Stay
            }
            Self::Http(exchange) => exchange.piece(way, piece, outputs).map_or(Next::Stay, Next::Tunnel),
            Self::Dns(stream) => {
                if let Some(packet) = outputs.packet {
                    stream.piece(way, piece, packet.dst, packet.at, outputs.learned, outputs.shared);
                }
                Next::Stay
            }
            Self::Over => Next::Stay,
        };
        match next {
            Next::Stay => {}
            Next::Become(kind) => self.become_kind(kind, way, piece, outputs),
            Next::BeginTls => {
                outputs.learned.begins_tls();
                *self = Self::Tls(Hellos::default());
                self.piece(way, piece, outputs);
            }
            Next::NotRead => {
                outputs.learned.not_read = true;
                *self = Self::Over;
            }
            Next::Settle(kind) => {
                outputs.learned.become_kind(kind);
                *self = Self::Over;
            }
            Next::Tunnel(Tunnel { out, back }) => {
                *self = Self::Undecided(Undecided { held: Default::default(), left: [1, 1] });
                for (way, rest) in [(Way::Out, out), (Way::Back, back)] {
                    if !rest.is_empty() {
                        self.piece(way, Piece::Data(rest.as_slice()), outputs);
                    }
                }
            }
        }
    }

    /// The protocol is known: its reader gets what was held of both directions, and the piece
    /// that decided.
    fn become_kind(&mut self, kind: Kind, way: Way, piece: Piece<'_>, outputs: &mut Outputs<'_>) {
        outputs.learned.become_kind(kind);
        let next = match (kind, kind.asking()) {
            (Kind::Tls, _) => Self::Tls(Hellos::default()),
            (Kind::Http, _) => Self::Http(Box::default()),
            (_, Some(asking)) => {
                // What negotiates is read, command by command.
                outputs.learned.reader = Some(kind);
                Self::Upgrade(Upgrade::new(asking))
            }
            (_, None) => Self::Over,
        };
        let Self::Undecided(Undecided { held, left: _ }) = std::mem::replace(self, next) else { return };
        let [out, back] = held;
        for (from, beginning) in [(Way::Out, out), (Way::Back, back)] {
            if !beginning.is_empty() {
                self.piece(from, Piece::Data(beginning.as_slice()), outputs);
            }
            if from == way {
                self.piece(from, piece, outputs);
            }
        }
    }
}

impl Undecided {
    fn piece(&mut self, way: Way, piece: Piece<'_>, learned: &mut Learned) -> Next {
        let index = way as usize;
        let Piece::Data(bytes) = piece else {
            // Data after a gap is read as from mid-stream.
            self.give_up(way, learned);
            self.left[index] = match piece {
                Piece::Gap(_) => MAX_MID_STREAM,
                Piece::End | Piece::Data(_) => 0,
            };
            return Next::Stay;
        };
        if self.left[index] == 0 {
            learned.unrecognised(way, bytes);
            return Next::Stay;
        }
        let held = &mut self.held[index];
        let outcome = if held.is_empty() {
            beginning(way, bytes)
        } else {
            // Enough to decide; the rest follows when the protocol's reader gets the piece.
            let mut joined = Buffer::copy_of(held.as_slice());
            joined.extend(&bytes[..bytes.len().min(MAX_UNDECIDED)]);
            beginning(way, joined.as_slice())
        };
        match outcome {
            Parse::Value(kind) => return Next::Become(kind),
            Parse::NeedMore if held.len() + bytes.len() <= MAX_UNDECIDED => held.extend(bytes),
            Parse::NeedMore | Parse::NotThis => {
                self.give_up(way, learned);
                learned.unrecognised(way, bytes);
                self.left[index] -= 1;
                if self.left[index] > 0 && tls::is_mid_stream(bytes) {
                    return Next::Settle(Kind::Tls);
                }
            }
        }
        Next::Stay
    }

    /// The buffered bytes of a direction belong to no known protocol.
    fn give_up(&mut self, way: Way, learned: &mut Learned) {
        let held = std::mem::take(&mut self.held[way as usize]);
        learned.unrecognised(way, held.as_slice());
    }
}
