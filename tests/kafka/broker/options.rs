//! What a broker is like.

use std::net::{IpAddr, Ipv4Addr};

/// What a broker is like: by default one on a free port of loopback, open to everybody.
#[derive(Debug, Clone)]
pub struct BrokerOptions {
    /// Of its folder and its log.
    pub name: String,
    /// Every broker has one of its own if this is not given.
    pub cluster_id: Option<String>,
    pub node_id: i32,
    /// Of a broker that is not its own controller: [`super::Broker::voter`] of the one that is, in the same cluster.
    pub controller: Option<String>,
    /// As in `broker.rack`: a zone of a cloud, for example.
    pub rack: Option<String>,
    pub listeners: Vec<Listener>,
    /// Who may log in at listeners with SASL. They may do nothing until they are allowed to ([`super::Broker::allow`]).
    pub users: Vec<User>,
    pub heap_megabytes: u32,
    /// Further lines of its properties; they win.
    pub properties: Vec<(String, String)>,
    /// What puts it into namespaces.
    pub around: Vec<String>,
}

/// Where clients connect.
#[derive(Debug, Clone)]
pub struct Listener {
    /// In capitals.
    pub name: String,
    pub security: Security,
    pub address: IpAddr,
    /// A free one if it is 0.
    pub port: u16,
    /// `HOST:PORT` that clients are told to use, if it is another.
    pub advertised: Option<String>,
}

/// How a listener is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all: whoever connects may do everything.
    Plaintext,
    /// TLS with a certificate of the broker's own authority, and a login with a name and a password: SCRAM-SHA-256.
    SaslSsl,
}

/// A name and a password, both made up.
#[derive(Debug, Clone)]
pub struct User {
    pub name: String,
    pub password: String,
}

impl Default for BrokerOptions {
    fn default() -> Self {
        Self {
            name: "broker".into(),
            cluster_id: None,
            node_id: 1,
            controller: None,
            rack: None,
            listeners: vec![Listener::plaintext()],
            users: Vec::new(),
            heap_megabytes: 256,
            properties: Vec::new(),
            around: Vec::new(),
        }
    }
}

impl Listener {
    /// On a free port of loopback, open to everybody.
    pub fn plaintext() -> Self {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self { name: "PLAINTEXT".into(), security: Security::Plaintext, address, port: 0, advertised: None }
    }

    /// On a free port of loopback, with TLS and a login.
    pub fn sasl_ssl() -> Self {
        Self { name: "SASL_SSL".into(), security: Security::SaslSsl, ..Self::plaintext() }
    }

    /// The address at which it listens.
    pub fn bound(&self) -> String {
        std::net::SocketAddr::from((self.address, self.port)).to_string()
    }
}

impl User {
    pub fn new(name: &str, password: &str) -> Self {
        Self { name: name.to_owned(), password: password.to_owned() }
    }

    /// As Kafka's tool for storage takes it.
    pub(super) fn credential(&self) -> String {
        format!("SCRAM-SHA-256=[name={},password={}]", self.name, self.password)
    }

    /// The settings of Kafka's own (Java) clients, for a broker under an authority (PEM file).
    pub fn java_settings(&self, authority: &std::path::Path) -> String {
        let Self { name, password } = self;
        format!(
            "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n\
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
            username=\"{name}\" password=\"{password}\";\n\
            ssl.truststore.type=PEM\nssl.truststore.location={}\n",
            authority.display()
        )
    }
}
