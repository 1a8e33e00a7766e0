//! A network that is cut and healed, between a reader and a broker in namespaces of their own.

use std::{cell::Cell, convert::Infallible, fs::File, net::Ipv4Addr, thread, time::Instant};

use landfall_agent::kafka::{
    properties::Properties,
    sampler::{Event, Supervisor, Until, budget::Budget},
};
use landfall_tests::kafka::{Broker, BrokerOptions, Listener, Servers, servers_or_skip};
use nix::sched::{CloneFlags, setns};
use rdkafka::message::OwnedHeaders;

use crate::{
    kafka_sample::{Writer, inspecting, plan},
    live::network::{Network, is_possible},
};

const LIMIT: std::time::Duration = std::time::Duration::from_mins(2);
const TOPIC: &str = "cut";

/// Does something in the namespace of the node, where the broker is; librdkafka's threads are started there as well.
fn on_node<T: Send>(network: &Network, work: impl FnOnce() -> T + Send) -> T {
    let namespace = File::open(format!("/run/netns/{}", network.namespace("node"))).unwrap();
    thread::scope(|scope| {
        let there = scope.spawn(|| {
            setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        });
        there.join().unwrap()
    })
}

fn broker(servers: &Servers, network: &Network, folder: &tempfile::TempDir) -> Broker {
    let listener = Listener { address: Ipv4Addr::new(10, 7, 0, 1).into(), ..Listener::plaintext() };
    let around = ["ip", "netns", "exec", &network.namespace("node")].map(ToOwned::to_owned).to_vec();
    let options = BrokerOptions { listeners: vec![listener], around, ..BrokerOptions::default() };
    Broker::start(servers, folder.path(), options).unwrap()
}

#[test]
fn a_network_that_was_cut_costs_no_message_and_counts_none_twice() {
    let Some(servers) = servers_or_skip(400) else { return };
    if !is_possible() {
        return;
    }
    let network = Network::new().pod("reader", &["10.7.0.2/24"]);
    network.ip("node", "link set lo up");
    network.ip("node", "address add 10.7.0.1/24 dev bridge");
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(&servers, &network, &folder);
    let write = |count: usize| {
        on_node(&network, || {
            let writer = Writer::new(&broker.bootstrap(), None);
            for _ in 0..count {
                writer.send(TOPIC, 0, None, Some(b"{}"), OwnedHeaders::new());
            }
            writer.flush();
        });
    };
    on_node(&network, || broker.create_topic(TOPIC, 1, &[]).unwrap());
    write(500);

    let budget = Budget { messages: u64::MAX, bytes: u64::MAX, processor_milliseconds: u64::MAX };
    let mut plan = plan(&broker.bootstrap(), TOPIC, budget, Until::Stopped { period_seconds: 60 });
    // Nothing answers that the cable is gone: a request fails once it has waited for this long.
    plan.connection.properties = Properties::parse("client.properties", "socket.timeout.ms=3000\n").unwrap();
    let around = ["ip", "netns", "exec", &network.namespace("reader")].map(Into::into);
    let mut supervisor = Supervisor::new([around.to_vec(), inspecting()].concat(), plan, None);
    let (mut next, mut inspected, mut is_told, mut deaths) = (0, 0, false, 0);
    let (is_cut, is_healed, is_read, begun) = (Cell::new(false), Cell::new(false), Cell::new(false), Instant::now());
    let is_stopped = || is_read.get() || begun.elapsed() > LIMIT;
    supervisor
        .run(&is_stopped, &mut |event| {
            match event {
                Event::Progress(progress) => {
                    assert_eq!(progress.begin, next, "{progress:?}");
                    next = progress.end;
                    inspected += progress.counts.inspected;
                }
                Event::Problem(_) if is_cut.get() => is_told = true,
                Event::Ended(_) => deaths += 1,
                _ => {}
            }
            if next == 500 && !is_cut.replace(true) {
                network.ip("node", "link set veth-reader down");
                write(500);
            }
            if is_told && !is_healed.replace(true) {
                assert_eq!(next, 500);
                network.ip("node", "link set veth-reader up");
            }
            is_read.set(next == 1000);
            Ok::<_, Infallible>(())
        })
        .unwrap();
    assert_eq!((next, inspected, is_told, deaths), (1000, 1000, true, 0));
}
