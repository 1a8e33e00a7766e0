//! TLS flows: the two hellos, and nothing behind them.

use super::learned::Learned;
use crate::{
    packet::Way,
    parse::{
        Parse,
        tls::{client_hello, server_hello},
    },
    reassembly::{Buffer, Piece},
};

/// Maximum number of bytes of a direction that are read for its hello.
pub(super) const MAX_HELLO: usize = 16 * 1024;

/// The partial hellos of a connection, by way.
#[derive(Debug, Default)]
pub(super) struct Hellos {
    held: [Buffer; 2],
    done: [bool; 2],
}

impl Hellos {
    /// Whether a direction's hello was read, or will not be.
    pub(super) fn is_done(&self, way: Way) -> bool {
        self.done[way as usize]
    }

    pub(super) fn piece(&mut self, way: Way, piece: Piece<'_>, learned: &mut Learned) {
        let index = way as usize;
        if self.done[index] {
            return;
        }
        let held = &mut self.held[index];
        let done = match piece {
            Piece::Data(bytes) if held.is_empty() => {
                let done = read(way, bytes, learned);
                if !done {
                    held.extend(&bytes[..bytes.len().min(MAX_HELLO)]);
                }
                done
            }
            Piece::Data(bytes) => {
                held.extend(&bytes[..bytes.len().min(MAX_HELLO - held.len())]);
                read(way, held.as_slice(), learned)
            }
            Piece::Gap(_) | Piece::End => true,
        };
        if done || held.len() >= MAX_HELLO {
            *held = Buffer::default();
            self.done[index] = true;
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.held.iter().map(Buffer::heap_bytes).sum()
    }
}

/// Whether nothing after `stream` must be read.
fn read(way: Way, stream: &[u8], learned: &mut Learned) -> bool {
    let outcome = match way {
        Way::Out => client_hello(stream).map(|hello| learned.client_hello(hello)),
        Way::Back => server_hello(stream).map(|hello| learned.server_hello(hello)),
    };
    outcome != Parse::NeedMore
}
