//! The message bus of the recording: topics that are written to all the time, readers in two countries, and what goes wrong.

use std::net::Ipv4Addr;

use landfall_tests::story::{Bus, NODES, Party, Reader, Story, StoryError};
use serde_json::json;

const BUS: Party<'_> = Party { namespace: "shop", agreement: "orders", operator: "Example Processing GmbH" };
/// Topics with their partitions.
const TOPICS: [(&str, i32); 4] = [("shop.orders", 4), ("shop.newsletter", 2), ("shop.addresses", 2), ("legacy", 1)];
/// Groups, where they read, and what. The register knows both.
const READERS: [(&str, Ipv4Addr, &str); 2] = [
    ("mail-relay-readers", Ipv4Addr::new(192, 0, 2, 130), "shop.newsletter"),
    ("analytics", Ipv4Addr::new(192, 0, 2, 140), "shop.orders"),
];
/// Ends every process that reads messages, as a crash would. `$1` is the group of the node.
const CRASH: &str = r#"
find "$1" -name cgroup.procs -exec cat {} + | while read -r process; do
    if tr '\0' ' ' <"/proc/$process/cmdline" | grep -q inspect-messages; then kill -KILL "$process" || true; fi
done"#;

/// A message, by its number.
type Make<'a> = &'a dyn Fn(usize) -> Vec<u8>;

/// A watched bus with its readers.
pub(crate) struct Recorded {
    bus: Bus,
    readers: Vec<Reader>,
}

impl Recorded {
    pub(crate) fn start(story: &mut Story) -> Result<Self, StoryError> {
        let bus = Bus::start(story)?;
        for (topic, partitions) in TOPICS {
            bus.create_topic(story, topic, partitions)?;
        }
        let mut recorded = Self { bus, readers: Vec::new() };
        recorded.write(story, 0)?;
        let (name, address, topic) = READERS[0];
        recorded.readers.push(Reader::start(story, &recorded.bus, name, address, topic)?);
        recorded.bus.watch(story, BUS, "shop.")?;
        Ok(recorded)
    }

    /// The reader without a basis comes.
    pub(crate) fn join(&mut self, story: &mut Story) -> Result<(), StoryError> {
        let (name, address, topic) = READERS[1];
        self.readers.push(Reader::start(story, &self.bus, name, address, topic)?);
        Ok(())
    }

    /// The reading process dies.
    pub(crate) fn crash(story: &Story) -> Result<(), StoryError> {
        for (node, _) in NODES {
            let node = story.cluster.node(node).expect("it was started");
            node.machine().shell(CRASH, &[&story.cluster.cgroup_of(node).display().to_string()])?;
        }
        Ok(())
    }

    /// Nobody reaches the broker.
    pub(crate) fn stop(&mut self) {
        self.bus.kill();
    }

    /// The broker is there again.
    pub(crate) fn start_again(&mut self) -> Result<(), StoryError> {
        self.bus.start_again()
    }

    /// Writes to every topic what comes in a few seconds.
    pub(crate) fn write(&self, story: &Story, round: usize) -> Result<(), StoryError> {
        let bytes = |value: serde_json::Value| value.to_string().into_bytes();
        let order = |number: usize| {
            let id = round * 1000 + number;
            // Names of fields that change: no two messages have one shape.
            let item = format!("item{}", id % 97);
            bytes(
                json!({ "order": id, "customer": "Erika Mustermann", "email": format!("erika{id}@example.org"), item: 2 }),
            )
        };
        let mail = |number: usize| bytes(json!({ "email": format!("person{number}@example.org"), "list": "weekly" }));
        let address = |number: usize| {
            bytes(json!({ "name": "Erika Mustermann", "telefon": format!("+49 30 23125 {number:03}"), "n": number }))
        };
        // What nothing decodes: text that ends early, bytes of an unknown format, and what names a schema that nobody told of.
        let legacy = |number: usize| match number % 5 {
            0 => br#"{"email": "#.to_vec(),
            1 => vec![0xfe, 0xed, 0xfa, 0xce, 0x80, 0x81, 0x02, 0x9f],
            2 => vec![0, 0, 0, 0, 7, 0x02, 0x9f, 0x80],
            _ => bytes(json!({ "number": number })),
        };
        let make: [(usize, Make<'_>); 4] = [(120, &order), (60, &mail), (24, &address), (8, &legacy)];
        for ((topic, partitions), (count, make)) in TOPICS.into_iter().zip(make) {
            let values: Vec<_> = (0..count).map(make).collect();
            self.bus.write(story, topic, partitions, &values)?;
        }
        Ok(())
    }
}
