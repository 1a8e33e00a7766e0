//! Networks as plugins make them: what is counted, and which pods are found to be captured.

use std::process::{Child, Command, Stdio};

use landfall_agent::{
    afpacket::{CaptureConfig, Sightings},
    pod_capture::{CaptureState, NodePod, PodCapture, PodCaptureCheck},
};
use serde_json::Value;

use super::{
    network::{Network, is_possible},
    web_server::WebServer,
};
use crate::support::{Run, root};

/// A datagram of a question has 100 bytes, that of its answer 300.
const QUESTION: u64 = 100;
const ANSWER: u64 = 300;

/// Answers datagrams, until it is dropped.
struct Answering(Child);

impl Answering {
    /// At a port of an address, in a namespace. The kernel answers from the address that was asked.
    fn start(network: &Network, namespace: &str, address: &str, port: u16) -> Self {
        let family = if address.contains(':') { "AF_INET6" } else { "AF_INET" };
        let script = format!(
            "import socket as s\n\
            one = s.socket(s.{family}, s.SOCK_DGRAM); one.bind(('{address}', {port})); print('ready', flush=True)\n\
            while True: one.sendto(b'a' * {ANSWER}, one.recvfrom(2000)[1])\n"
        );
        let mut command = network.command(namespace, "python3");
        let mut child = command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks a number of times, and waits for each answer.
fn ask(network: &Network, namespace: &str, address: &str, port: u16, times: u32) {
    let family = if address.contains(':') { "AF_INET6" } else { "AF_INET" };
    let script = format!(
        "import socket as s\n\
        one = s.socket(s.{family}, s.SOCK_DGRAM); one.settimeout(20); one.connect(('{address}', {port}))\n\
        for _ in range({times}): one.send(b'q' * {QUESTION}); assert len(one.recv(2000)) == {ANSWER}\n"
    );
    assert!(network.command(namespace, "python3").args(["-c", &script]).status().unwrap().success());
}

/// What is found of pods where these interfaces are selected.
fn check(network: &Network, interfaces: &[&str], pods: &[NodePod]) -> CaptureState {
    let config = CaptureConfig {
        namespace: Some(format!("/run/netns/{}", network.namespace("node")).into()),
        ..CaptureConfig::new(interfaces.iter().map(|name| name.parse().unwrap()).collect())
    };
    PodCaptureCheck::open(&config, Sightings::default()).unwrap().check(pods).unwrap()
}

fn pod(name: &str, addresses: &[&str]) -> NodePod {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    NodePod { name: format!("crm/{name}"), addresses, host_network: false }
}

/// The states and interfaces of pods.
fn states(state: &CaptureState) -> Vec<(PodCapture, Option<&str>)> {
    state.pods.iter().map(|pod| (pod.capture, pod.interface.as_deref())).collect()
}

/// Each flow to a port: who sent it to whom, and its bytes in both directions.
fn flows(run: &Run, port: u64) -> Vec<(String, String, u64, u64)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = run
        .json()
        .into_iter()
        .filter(|line| line["dstPort"] == port)
        .map(|line| {
            let (out, back) = (line["bytesOut"].as_u64().unwrap(), line["bytesIn"].as_u64().unwrap());
            (text(&line["src"]), text(&line["dst"]), out, back)
        })
        .collect();
    all.sort_unstable();
    all
}

/// The flow of questions and their answers, with the headers of IP and UDP.
fn exchanged(from: &str, to: &str, times: u64) -> (String, String, u64, u64) {
    let headers = if to.contains(':') { 48 } else { 28 };
    (from.to_owned(), to.to_owned(), times * (QUESTION + headers), times * (ANSWER + headers))
}

#[test]
fn behind_a_bridge_the_port_that_was_learnt_tells_which_pod_is_captured() {
    if !is_possible() {
        return;
    }
    let network = Network::new().pod("a", &["192.0.2.10/24"]).pod("b", &["192.0.2.11/24"]);
    let pods = [pod("a", &["192.0.2.10"]), pod("b", &["192.0.2.11"])];
    network.ip("node", "address add 192.0.2.1/24 dev bridge");
    let bridge = Some("bridge");
    let found = |interfaces: &[&str]| check(&network, interfaces, &pods);
    // Nothing was learnt yet: the ports together tell.
    assert_eq!(states(&found(&["veth-a"])), [(PodCapture::Unknown, None); 2]);
    assert_eq!(states(&found(&["veth-*"])), [(PodCapture::Captured, bridge); 2]);
    assert_eq!(states(&found(&["bridge"])), [(PodCapture::Shared, bridge); 2]);
    let nothing = found(&["cali*", "nowhere0"]);
    assert_eq!(states(&nothing), [(PodCapture::NotCaptured, bridge); 2]);
    assert_eq!((nothing.interfaces.len(), nothing.unmatched.join(" ").as_str()), (0, "cali* nowhere0"));

    for address in ["192.0.2.10", "192.0.2.11"] {
        let mut ping = network.command("node", "ping");
        assert!(ping.args(["-c", "1", "-W", "20", address]).stdout(Stdio::null()).status().unwrap().success());
    }
    let one = found(&["veth-a"]);
    let expected = [(PodCapture::Captured, Some("veth-a")), (PodCapture::NotCaptured, Some("veth-b"))];
    assert_eq!(states(&one), expected);
    assert_eq!((one.names(PodCapture::NotCaptured), one.interfaces.join(" ").as_str()), (vec!["crm/b"], "veth-a"));
    let both = [(PodCapture::Shared, Some("veth-a")), (PodCapture::Shared, Some("veth-b"))];
    assert_eq!(states(&found(&["bridge"])), both);
}

/// As the plugin of AWS does it for pods with security groups: the pair has a name of its own, and the pod's route stands in
/// a table that only packets from certain interfaces are routed by.
#[test]
fn a_pod_whose_route_stands_in_another_table_is_captured_if_every_pair_is() {
    if !is_possible() {
        return;
    }
    let (plain, grouped) = ("eni0123456789a", "vlan14d01641e41");
    let network =
        Network::new().routed_pod("plain", plain, &["192.0.2.10"]).routed_pod("grouped", grouped, &["192.0.2.11"]);
    // The branch's card, here without anything behind it.
    network.ip("node", "link add vlan.eth.1 type bridge");
    network.ip("node", &format!("route del 192.0.2.11/32 dev {grouped}"));
    network.ip("node", &format!("route add 192.0.2.11/32 dev {grouped} table 103"));
    network.ip("node", "rule add iif vlan.eth.1 lookup 103 priority 10");
    let pods = [pod("plain", &["192.0.2.10"]), pod("grouped", &["192.0.2.11"])];
    let all = check(&network, &["eni*", "vlan???????????"], &pods);
    assert_eq!(states(&all), [(PodCapture::Captured, Some(plain)), (PodCapture::Captured, None)]);
    assert_eq!(all.interfaces, [plain, grouped]);
    let some = check(&network, &["eni*"], &pods);
    assert_eq!(states(&some), [(PodCapture::Captured, Some(plain)), (PodCapture::Unknown, None)]);
}

/// As OVN-Kubernetes has it: pairs called by fifteen digits, and a route to the switch for all pods.
#[test]
fn a_pod_behind_a_switch_of_its_own_kind_is_captured_if_every_pair_is() {
    if !is_possible() {
        return;
    }
    let pair = "8f3c0d5a1b2c3d4";
    let network = Network::new().routed_pod("one", pair, &["192.0.2.10"]);
    network.ip("node", &format!("route del 192.0.2.10/32 dev {pair}"));
    network.ip("node", "link add ovn-k8s-mp0 type vxlan id 7 remote 203.0.113.9 dstport 4789 dev lo");
    network.ip("node", "link set ovn-k8s-mp0 up");
    network.ip("node", "route add 192.0.2.0/24 dev ovn-k8s-mp0");
    let found = |pattern: &str| check(&network, &[pattern], &[pod("one", &["192.0.2.10"])]);
    let all = found("[0-9a-f][0-9a-f][0-9a-f][0-9a-f]???????????");
    assert_eq!((states(&all), all.interfaces.join(" ")), (vec![(PodCapture::Captured, None)], pair.to_owned()));
    assert_eq!(states(&found("veth*")), [(PodCapture::NotCaptured, None)]);
}

#[test]
fn pods_with_routes_of_their_own_count_to_the_byte_and_one_that_no_pattern_selects_is_named() {
    if !is_possible() {
        return;
    }
    let network = Network::new()
        .outside(&["198.51.100.7", "2001:db8:1::7"])
        .routed_pod("old", "cali1", &["192.0.2.10"])
        .routed_pod("new", "cali2", &["2001:db8::11"])
        .routed_pod("dual", "eni3", &["192.0.2.12", "2001:db8::12"])
        .routed_pod("other", "azv4", &["192.0.2.13"]);
    // AWS answers no ARP, but gives the pod an entry for the gateway.
    network.shell("node", "echo 0 >/proc/sys/net/ipv4/conf/eni3/proxy_arp");
    network.ip("node", "link set eni3 address 02:00:00:00:00:03");
    network.ip("dual", "neighbour add 169.254.1.1 lladdr 02:00:00:00:00:03 dev eth0 nud permanent");

    let pods = [
        pod("old", &["192.0.2.10"]),
        pod("new", &["2001:db8::11"]),
        pod("dual", &["192.0.2.12", "2001:db8::12"]),
        pod("other", &["192.0.2.13"]),
    ];
    let found = check(&network, &["cali*", "eni*"], &pods);
    let captured = |link| (PodCapture::Captured, Some(link));
    let missing = (PodCapture::NotCaptured, Some("azv4"));
    assert_eq!(states(&found), [captured("cali1"), captured("cali2"), captured("eni3"), missing]);
    assert_eq!(
        (found.names(PodCapture::NotCaptured), found.interfaces.join(" ")),
        (vec!["crm/other"], "cali1 cali2 eni3".to_owned())
    );

    let _servers =
        ["198.51.100.7", "2001:db8:1::7"].map(|address| Answering::start(&network, "outside", address, 4000));
    let listening =
        network.listen(&["flows", "--interface", "cali*", "--interface", "eni*", "--json"], "listening on eni3");
    for (pod, address, times) in [
        ("old", "198.51.100.7", 3),
        ("new", "2001:db8:1::7", 5),
        ("dual", "198.51.100.7", 7),
        ("dual", "2001:db8:1::7", 9),
        ("other", "198.51.100.7", 11),
    ] {
        ask(&network, pod, address, 4000, times);
    }
    let expected = [
        exchanged("192.0.2.10", "198.51.100.7", 3),
        exchanged("192.0.2.12", "198.51.100.7", 7),
        exchanged("2001:db8::11", "2001:db8:1::7", 5),
        exchanged("2001:db8::12", "2001:db8:1::7", 9),
    ];
    let run = listening.stop();
    assert_eq!(flows(&run, 4000), expected, "{}", run.stderr);
}

#[test]
fn translation_on_the_node_changes_neither_exporter_nor_destination_at_the_pods_interface() {
    if !is_possible() {
        return;
    }
    let network = Network::new().outside(&["198.51.100.7"]).routed_pod("client", "cali1", &["192.0.2.10"]).routed_pod(
        "server",
        "cali2",
        &["192.0.2.11"],
    );
    // kube-proxy: the Service 198.51.100.200:4001 is a pod, 198.51.100.201:4001 a host outside; packets that leave
    // the node get its address.
    let rules = "table ip nat {\nchain pre {\ntype nat hook prerouting priority -100\n\
        ip daddr 198.51.100.200 udp dport 4001 dnat to 192.0.2.11:4000\n\
        ip daddr 198.51.100.201 udp dport 4001 dnat to 198.51.100.7:4000\n}\n\
        chain post {\ntype nat hook postrouting priority 100\noifname eth0 masquerade\n}\n}\n";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules).unwrap();
    network.shell("node", &format!("nft -f {}", file.path().display()));

    let _servers = [
        Answering::start(&network, "outside", "198.51.100.7", 4000),
        Answering::start(&network, "server", "192.0.2.11", 4000),
    ];
    let at_pods = network.listen(&["flows", "--interface", "cali*", "--json"], "listening on cali2");
    let at_card = network.listen(&["flows", "--interface", "eth0", "--json"], "listening on eth0");
    ask(&network, "client", "198.51.100.7", 4000, 3);
    ask(&network, "client", "198.51.100.200", 4001, 5);
    ask(&network, "client", "198.51.100.201", 4001, 7);
    let (at_pods, at_card) = (at_pods.stop(), at_card.stop());
    // The real destination, not the node's address as exporter.
    assert_eq!(flows(&at_pods, 4000), [exchanged("192.0.2.10", "198.51.100.7", 3)], "{}", at_pods.stderr);
    // A Service counts once, as the client sees it: its address is the remote, and not that behind it.
    let services = [("198.51.100.200", 5), ("198.51.100.201", 7)];
    assert_eq!(flows(&at_pods, 4001), services.map(|(to, times)| exchanged("192.0.2.10", to, times)));
    // The card shows what is behind the Service, and the node as the sender: the pod's interface must be captured.
    let seen = flows(&at_card, 4000);
    assert_eq!(seen.iter().map(|flow| flow.2).sum::<u64>(), 10 * (QUESTION + 28), "{seen:?}");
    assert!(seen.iter().all(|flow| (flow.0.as_str(), flow.1.as_str()) == ("203.0.113.1", "198.51.100.7")), "{seen:?}");
    assert!(flows(&at_card, 4001).is_empty());
}

#[test]
fn an_overlay_is_seen_before_the_tunnel_at_the_pod_and_as_one_flow_between_nodes_at_the_card() {
    if !is_possible() {
        return;
    }
    let network = Network::new().outside(&[]).routed_pod("client", "cali1", &["192.0.2.10"]);
    for (name, own, peer) in [("node", 1, 2), ("outside", 2, 1)] {
        let (own, peer) = (format!("203.0.113.{own}"), format!("203.0.113.{peer}"));
        network.ip(name, &format!("link add vxlan0 type vxlan id 42 local {own} remote {peer} dstport 4789 dev eth0"));
        network.ip(name, "link set vxlan0 up");
    }
    network.ip("node", "address add 198.51.100.129/25 dev vxlan0");
    network.ip("outside", "address add 198.51.100.130/25 dev vxlan0");
    network.ip("outside", "route add 192.0.2.10/32 via 198.51.100.129");
    let _server = Answering::start(&network, "outside", "198.51.100.130", 4000);
    let at_pods = network.listen(&["flows", "--interface", "cali*", "--json"], "listening on cali1");
    let at_card = network.listen(&["flows", "--interface", "eth0", "--json"], "listening on eth0");
    ask(&network, "client", "198.51.100.130", 4000, 3);
    let (at_pods, at_card) = (at_pods.stop(), at_card.stop());
    assert_eq!(flows(&at_pods, 4000), [exchanged("192.0.2.10", "198.51.100.130", 3)]);
    assert!(flows(&at_card, 4000).is_empty());
    let nodes = ["203.0.113.1", "203.0.113.2"];
    let tunnel = flows(&at_card, 4789);
    assert!(!tunnel.is_empty());
    assert!(tunnel.iter().all(|flow| nodes.contains(&&*flow.0) && nodes.contains(&&*flow.1)), "{tunnel:?}");
}

#[test]
fn what_uses_the_nodes_network_is_seen_at_the_card_and_name_servers_on_the_node_at_the_pod() {
    if !is_possible() {
        return;
    }
    let network = Network::new().outside(&["198.51.100.7"]).routed_pod("client", "cali1", &["192.0.2.10"]);
    // A name server of the node: an address of its own on a dummy link, here on loopback.
    network.ip("node", "address add 169.254.20.10/32 dev lo");
    network.ip("client", "address add 127.0.0.53/32 dev lo");
    let _servers = [
        Answering::start(&network, "outside", "198.51.100.7", 4000),
        Answering::start(&network, "node", "169.254.20.10", 53),
        Answering::start(&network, "client", "127.0.0.53", 53),
    ];
    let at_pods = network.listen(&["flows", "--interface", "cali*", "--json"], "listening on cali1");
    let at_card = network.listen(&["flows", "--interface", "eth0", "--json"], "listening on eth0");
    ask(&network, "node", "198.51.100.7", 4000, 3);
    ask(&network, "client", "169.254.20.10", 53, 5);
    ask(&network, "client", "127.0.0.53", 53, 7);
    let (at_pods, at_card) = (at_pods.stop(), at_card.stop());
    assert_eq!(flows(&at_card, 4000), [exchanged("203.0.113.1", "198.51.100.7", 3)]);
    assert!(flows(&at_pods, 4000).is_empty());
    // What stays in the pod (a sidecar, a resolver of its own) passes no interface of the node.
    assert_eq!(flows(&at_pods, 53), [exchanged("192.0.2.10", "169.254.20.10", 5)]);
    assert!(flows(&at_card, 53).is_empty());

    let host = NodePod { host_network: true, ..pod("proxy", &["203.0.113.1"]) };
    let found = check(&network, &["cali*"], &[host]);
    assert_eq!(states(&found), [(PodCapture::HostNetwork, None)]);
}

#[test]
fn replies_that_bypass_the_host_end_make_a_connection_one_sided() {
    if !is_possible() {
        return;
    }
    let network = Network::new().outside(&["198.51.100.7"]).routed_pod("client", "lxc1", &["192.0.2.10"]);
    let mut redirect = network.command("node", "python3");
    let script = root().join("tests/integration/live/redirect_peer.py");
    assert!(redirect.arg(script).args(["eth0", "lxc1"]).status().unwrap().success());
    let _server = WebServer::start(&network, "outside", "198.51.100.7", 50_000);

    let folder = tempfile::tempdir().unwrap();
    let observations = folder.path().join("observations.ndjson");
    let register = crate::support::path("examples/crm-processor");
    let seen = observations.to_str().unwrap();
    let arguments = ["watch", "--register", &register, "--interface", "lxc*", "--observations-out", seen];
    let watch = network.listen(&arguments, "listening on lxc1");
    let flows_seen = network.listen(&["flows", "--interface", "lxc*", "--json"], "listening on lxc1");
    let before = network.ip_bytes("lxc1");
    post(network.command("client", "curl"));
    let (watch, run) = (watch.stop(), flows_seen.stop());
    // The interface is the pod's and captured: the tables cannot tell that a program leads packets past it.
    let found = check(&network, &["lxc*"], &[pod("client", &["192.0.2.10"])]);
    assert_eq!(states(&found), [(PodCapture::Captured, Some("lxc1"))]);

    let connection = flows(&run, 8080);
    let [(from, to, out, back)] = connection.as_slice() else { panic!("{connection:?} {}", run.stderr) };
    assert_eq!((from.as_str(), to.as_str(), *back), ("192.0.2.10", "198.51.100.7", 0));
    assert!((20_000..network.ip_bytes("lxc1") - before + 1).contains(out), "{out}");
    let text = std::fs::read_to_string(&observations).unwrap();
    let observed: Vec<_> = text.lines().map(|line| landfall_observation::decode(line).unwrap()).collect();
    let to_server: Vec<_> = observed.iter().filter(|one| one.channel.port == 8080).collect();
    assert!(!to_server.is_empty(), "{text} {}", watch.stderr);
    assert_eq!(to_server.iter().map(|one| one.sent.bytes).sum::<u64>(), *out);
    assert!(to_server.iter().all(|one| one.received.bytes == 0));
    assert!(to_server.iter().any(|one| one.coverage.one_sided), "{text}");
}

/// A request with a body of 20,000 bytes, whose answer has 50,000.
fn post(mut curl: Command) {
    curl.args(["-s", "-m", "20", "-o", "/dev/null", "-w", "%{size_download}", "--noproxy", "*", "--data-binary"]);
    let output = curl.arg("y".repeat(20_000)).arg("http://198.51.100.7:8080/").output().unwrap();
    assert!(output.status.success() && output.stdout == b"50000", "{output:?}");
}

/// docs/networks.md names the tests that tried a line by how they begin.
#[test]
fn the_tests_that_the_documentation_names_exist() {
    let text = std::fs::read_to_string(root().join("docs/networks.md")).unwrap();
    let named: Vec<_> = text.split('`').skip(1).step_by(2).filter_map(|word| word.strip_suffix('…')).collect();
    assert!(named.len() >= 10, "{named:?}");
    let sources = ["tests/integration/live", "agent/src/pod_capture/decision", "agent/src"].map(|folder| {
        let files = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>()
    });
    let all = sources.concat();
    let missing: Vec<_> = named.iter().filter(|name| !all.contains(&format!("fn {name}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
