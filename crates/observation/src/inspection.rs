use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Channel;

/// How far the payload could be read. Several values are merged to the first of them in this order, so that plaintext
/// that was not read is never hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inspection {
    /// Its bytes are plaintext, and no reader parsed all of them.
    PlaintextNotRead,
    /// It was plaintext, and a reader parsed it for the detectors.
    Plaintext,
    /// It was read before TLS encrypted it, or after TLS decrypted it.
    TlsPlaintext,
    /// It could not be read. Values of a newer agent read as this one.
    #[serde(other)]
    Opaque,
}

/// The state of the payload as shown to people (docs/inspection.md).
///
/// ```text
/// plaintext, tls-plaintext  ─► Inspected
/// plaintext-not-read        ─► PlaintextNotRead
/// opaque ─┬ TLS, QUIC, SSH … ─► Encrypted
///         └ anything else    ─► NotRecognised
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PayloadState {
    /// Its bytes are plaintext, and no detector scanned them.
    PlaintextNotRead,
    /// A reader parsed it for the detectors.
    Inspected,
    /// A protocol that encrypts was recognised.
    Encrypted,
    /// Neither text nor a known protocol.
    NotRecognised,
}

impl PayloadState {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Inspected, Self::PlaintextNotRead, Self::Encrypted, Self::NotRecognised];

    /// The state of what was inspected like this on a channel.
    pub fn from_inspection(inspection: Inspection, channel: &Channel) -> Self {
        match inspection {
            Inspection::Plaintext | Inspection::TlsPlaintext => Self::Inspected,
            Inspection::PlaintextNotRead => Self::PlaintextNotRead,
            // After STARTTLS, the protocol is the one that requested it.
            Inspection::Opaque if channel.tls.is_some() || channel.protocol.encrypts() => Self::Encrypted,
            Inspection::Opaque => Self::NotRecognised,
        }
    }

    /// Its English name, as shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inspected => "inspected",
            Self::PlaintextNotRead => "plaintext not read",
            Self::Encrypted => "encrypted",
            Self::NotRecognised => "not recognised",
        }
    }
}

impl fmt::Display for PayloadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HostMethod, Protocol, Tls, Transport};

    fn channel(protocol: &str, tls: Option<Tls>) -> Channel {
        Channel {
            transport: Transport::Tcp,
            port: 1,
            protocol: Protocol::try_from(protocol.to_owned()).unwrap(),
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls,
        }
    }

    #[test]
    fn the_state_follows_from_inspection_and_channel() {
        let negotiated = Some(Tls { version: None, alpn: None });
        let cases = [
            (Inspection::Plaintext, channel("http", None), "inspected"),
            (Inspection::TlsPlaintext, channel("tls", negotiated.clone()), "inspected"),
            (Inspection::PlaintextNotRead, channel("smtp", None), "plaintext not read"),
            (Inspection::Opaque, channel("tls", negotiated.clone()), "encrypted"),
            (Inspection::Opaque, channel("smtp", negotiated), "encrypted"),
            (Inspection::Opaque, channel("quic", None), "encrypted"),
            (Inspection::Opaque, channel("ssh", None), "encrypted"),
            (Inspection::Opaque, channel("unknown", None), "not recognised"),
            (Inspection::Opaque, channel("smtp", None), "not recognised"),
        ];
        for (inspection, channel, state) in cases {
            assert_eq!(
                PayloadState::from_inspection(inspection, &channel).to_string(),
                state,
                "{inspection:?} {channel:?}"
            );
        }
    }

    #[test]
    fn what_was_not_read_is_not_hidden_by_a_merge() {
        let all = [Inspection::Plaintext, Inspection::Opaque, Inspection::PlaintextNotRead, Inspection::TlsPlaintext];
        assert_eq!(all.into_iter().min(), Some(Inspection::PlaintextNotRead));
    }
}
