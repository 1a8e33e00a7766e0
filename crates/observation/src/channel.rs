use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Protocols that encrypt all that they carry: TLS (RFC 8446), QUIC (RFC 9000), SSH (RFC 4253), DTLS (RFC 9147),
/// WireGuard.
const ENCRYPTING: [&str; 5] = ["tls", "quic", "ssh", "dtls", "wireguard"];

/// How the two parties communicate. These facts describe an edge; they never tell two edges apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Transport protocol.
    pub transport: Transport,
    /// Port of the responder, 0 where the transport has none.
    pub port: u16,
    /// Application protocol.
    pub protocol: Protocol,
    /// The best name of the remote, if one is known.
    #[serde(default)]
    pub host: Option<String>,
    /// How `host` became known.
    #[serde(default)]
    pub host_method: HostMethod,
    /// Every name of the remote that was seen, the best first.
    #[serde(default)]
    pub names: Vec<Name>,
    /// Whether the ClientHello carried an Encrypted Client Hello extension, GREASE included. The name in it may then be
    /// another one than the client means.
    #[serde(default)]
    pub ech: bool,
    /// What TLS negotiated; none without TLS.
    #[serde(default)]
    pub tls: Option<Tls>,
}

/// A host name and how it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// Host name in lower case without a trailing dot.
    pub name: String,
    /// How it was seen.
    pub method: HostMethod,
}

/// How a host name became known, from the strongest statement of the client to the weakest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostMethod {
    /// TLS server name indication (RFC 6066).
    Sni,
    /// TLS server name indication inside a QUIC Initial packet (RFC 9001).
    QuicSni,
    /// `Host` of HTTP/1 (RFC 9112) or `:authority` of HTTP/2 (RFC 9113).
    HttpHost,
    /// Target of an HTTP CONNECT (RFC 9110, 9.3.6).
    HttpConnect,
    /// Target of a SOCKS request (RFC 1928).
    Socks,
    /// Named by an egress proxy, in its log or its protocol.
    Proxy,
    /// A DNS answer with this address that the client received before.
    Dns,
    /// Not known. Methods of a newer agent read as this one.
    #[default]
    #[serde(other)]
    None,
}

/// Transport protocol of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
    /// SCTP (RFC 9260).
    Sctp,
    /// ICMP for IPv4 (RFC 792) and IPv6 (RFC 4443).
    Icmp,
    /// Any other IP protocol, and IP packets that do not decode.
    #[serde(other)]
    Other,
}

/// Name of an application protocol: `tls`, `http`, `dns`, … or `unknown`. 1 to 32 lower-case letters, digits and `-`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Protocol(std::borrow::Cow<'static, str>);

/// What TLS negotiated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tls {
    /// Version that the ServerHello chose; `null` while none was seen.
    #[serde(default)]
    pub version: Option<TlsVersion>,
    /// Application protocol (ALPN, RFC 7301): the negotiated one where it is visible, else the client's first offer.
    #[serde(default)]
    pub alpn: Option<String>,
}

/// A version of SSL or TLS, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TlsVersion {
    /// SSL 3.0 (prohibited by RFC 7568).
    #[serde(rename = "SSLv3")]
    Ssl3,
    /// TLS 1.0 (deprecated by RFC 8996).
    #[serde(rename = "1.0")]
    V1_0,
    /// TLS 1.1 (deprecated by RFC 8996).
    #[serde(rename = "1.1")]
    V1_1,
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    V1_3,
}

// === impl HostMethod ===

impl HostMethod {
    /// The name used in flow lines and observations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sni => "sni",
            Self::QuicSni => "quic-sni",
            Self::HttpHost => "http-host",
            Self::HttpConnect => "http-connect",
            Self::Socks => "socks",
            Self::Proxy => "proxy",
            Self::Dns => "dns",
            Self::None => "none",
        }
    }
}

// === impl Protocol ===

impl Protocol {
    /// No protocol was recognised.
    pub const UNKNOWN: Self = Self::known("unknown");
    /// TLS over TCP.
    pub const TLS: Self = Self::known("tls");
    /// HTTP/1 in the clear.
    pub const HTTP: Self = Self::known("http");
    /// HTTP/2 in the clear.
    pub const HTTP2: Self = Self::known("http2");
    /// DNS.
    pub const DNS: Self = Self::known("dns");
    /// Kafka.
    pub const KAFKA: Self = Self::known("kafka");

    const fn known(name: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it encrypts all that it carries.
    pub fn encrypts(&self) -> bool {
        ENCRYPTING.contains(&self.as_str())
    }
}

impl TryFrom<String> for Protocol {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if well_formed { Ok(Self(text.into())) } else { Err("expected a protocol name in lower case such as \"tls\"") }
    }
}

impl From<Protocol> for String {
    fn from(protocol: Protocol) -> Self {
        protocol.0.into_owned()
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl TlsVersion ===

impl TlsVersion {
    /// The version of a `ProtocolVersion` on the wire (RFC 8446, 4.2.1); `None` for drafts and
    /// values that no RFC assigns.
    pub fn from_wire(version: u16) -> Option<Self> {
        match version {
            0x0300 => Some(Self::Ssl3),
            0x0301 => Some(Self::V1_0),
            0x0302 => Some(Self::V1_1),
            0x0303 => Some(Self::V1_2),
            0x0304 => Some(Self::V1_3),
            _ => None,
        }
    }

    /// `1.2` and the like, `SSLv3` for SSL 3.0.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSLv3",
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

impl FromStr for TlsVersion {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Ssl3, Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3]
            .into_iter()
            .find(|version| version.as_str() == text)
            .ok_or("expected a TLS version such as \"1.2\"")
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl Transport ===

impl Transport {
    /// The name used in flow lines and observations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Icmp => "icmp",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
