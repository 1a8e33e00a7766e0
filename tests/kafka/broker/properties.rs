//! The settings of a broker.

use super::{Broker, Listener, Security};
use crate::kafka::jvm;

impl Broker {
    /// `server.properties`: KRaft, one replica of everything, and quick in what a test waits for.
    pub(super) fn properties(&self) -> String {
        let options = &self.options;
        let (internal, controller) = (self.internal(), format!("127.0.0.1:{}", self.controller));
        let join = |own: String, of: &dyn Fn(&Listener) -> String| {
            options.listeners.iter().map(of).chain([own]).collect::<Vec<_>>().join(",")
        };
        let (roles, own) = match options.controller {
            None => ("broker,controller", format!("INTERNAL://{internal},CONTROLLER://{controller}")),
            Some(_) => ("broker", format!("INTERNAL://{internal}")),
        };
        let listeners = join(own, &|listener| format!("{}://{}", listener.name, listener.bound()));
        let advertised = join(format!("INTERNAL://{internal}"), &|listener| {
            let address = listener.advertised.clone().unwrap_or_else(|| listener.bound());
            format!("{}://{address}", listener.name)
        });
        let protocols = join("INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT".into(), &|listener| {
            let protocol = match listener.security {
                Security::Plaintext => "PLAINTEXT",
                Security::SaslSsl => "SASL_SSL",
            };
            format!("{}:{protocol}", listener.name)
        });
        let mut lines = vec![
            ("process.roles".to_owned(), roles.to_owned()),
            ("node.id".to_owned(), options.node_id.to_string()),
            ("listeners".to_owned(), listeners),
            ("advertised.listeners".to_owned(), advertised),
            ("listener.security.protocol.map".to_owned(), protocols),
            ("inter.broker.listener.name".to_owned(), "INTERNAL".to_owned()),
            ("controller.listener.names".to_owned(), "CONTROLLER".to_owned()),
            // A fixed quorum, whose address is in no record: the folder of data can be made without Kafka's tool.
            ("controller.quorum.voters".to_owned(), options.controller.clone().unwrap_or_else(|| self.voter())),
            ("log.dirs".to_owned(), self.folder.join("data").display().to_string()),
            ("authorizer.class.name".to_owned(), "org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned()),
            // Who comes without a login; at the listeners with SASL nobody does.
            ("super.users".to_owned(), "User:ANONYMOUS".to_owned()),
        ];
        lines.extend(options.rack.iter().map(|rack| ("broker.rack".to_owned(), rack.clone())));
        lines.extend(QUICK.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let secured = options.listeners.iter().filter(|listener| listener.security == Security::SaslSsl);
        for listener in secured {
            lines.extend(self.secured(listener));
        }
        let all = lines.iter().chain(&options.properties);
        jvm::properties(all.map(|(name, value)| (name.as_str(), value.clone())))
    }

    fn secured(&self, listener: &Listener) -> Vec<(String, String)> {
        let of_listener = |name: &str| format!("listener.name.{}.{name}", listener.name.to_lowercase());
        let path = |name: &str| self.folder.join(name).display().to_string();
        let login = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        vec![
            (of_listener("sasl.enabled.mechanisms"), "SCRAM-SHA-256".to_owned()),
            (of_listener("scram-sha-256.sasl.jaas.config"), login.to_owned()),
            (of_listener("ssl.keystore.type"), "PEM".to_owned()),
            (of_listener("ssl.keystore.location"), path("pki/broker.pem")),
            (of_listener("ssl.truststore.type"), "PEM".to_owned()),
            (of_listener("ssl.truststore.location"), path("pki/ca.crt")),
        ]
    }
}

const QUICK: [(&str, &str); 15] = [
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("offsets.topic.num.partitions", "4"),
    ("transaction.state.log.num.partitions", "4"),
    ("share.coordinator.state.topic.num.partitions", "4"),
    ("group.initial.rebalance.delay.ms", "0"),
    // After a crash a broker waits until its earlier registration has expired.
    ("broker.session.timeout.ms", "3000"),
    ("broker.heartbeat.interval.ms", "500"),
    ("log.cleaner.backoff.ms", "1000"),
    ("log.retention.check.interval.ms", "1000"),
    ("log.initial.task.delay.ms", "1000"),
    // A tenth of the default, which is for a server with disks of terabytes.
    ("log.cleaner.dedupe.buffer.size", "13421772"),
];
