//! The two hello messages of TLS, read from the beginning of a direction's stream.

mod client_hello;
mod extension;
mod record;
#[cfg(test)]
pub(crate) mod sample;
mod server_hello;

pub use client_hello::{ClientHello, client_hello};
pub use record::{begins_client_hello, begins_server_hello, is_mid_stream};
pub use server_hello::{ServerHello, server_hello};

/// Content type of handshake records (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;
/// Handshake type of a ClientHello.
const CLIENT_HELLO: u8 = 1;
/// Handshake type of a ServerHello, and of a HelloRetryRequest.
const SERVER_HELLO: u8 = 2;
