//! What passes the interfaces stands in exactly one line, or is reported as lost.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    network::{Network, await_true, is_possible},
    web_server::WebServer,
};
use crate::support::Run;

fn two_pods() -> Network {
    Network::new().pod("a", &["192.0.2.10/24"]).pod("b", &["192.0.2.11/24"])
}

fn total(lines: &[Value]) -> u64 {
    lines.iter().map(|line| line["bytesOut"].as_u64().unwrap() + line["bytesIn"].as_u64().unwrap()).sum()
}

/// Lines between the two pods; the kernel may have said something else meanwhile.
fn between(run: &Run, port: u64) -> Vec<Value> {
    run.json().into_iter().filter(|line| line["dstPort"] == port).collect()
}

/// Answers each request with 200,000 bytes.
fn server(network: &Network) -> WebServer {
    WebServer::start(network, "b", "192.0.2.11", 200_000)
}

/// A request with a body of 100,000 bytes from pod `a`.
fn post(network: &Network) {
    let body = tempfile::NamedTempFile::new().unwrap();
    fs::write(body.path(), vec![b'y'; 100_000]).unwrap();
    let mut curl = network.command("a", "curl");
    curl.args(["-s", "-m", "20", "-o", "/dev/null", "--noproxy", "*", "--data-binary"])
        .arg(format!("@{}", body.path().display()));
    assert!(curl.arg("http://192.0.2.11:8080/").status().unwrap().success());
}

#[test]
fn traffic_between_two_captured_pods_is_counted_once() {
    if !is_possible() {
        return;
    }
    let network = two_pods();
    let server = server(&network);
    let before = network.ip_bytes("veth-a");
    // No ARP, which is no IP, between the two readings: the neighbours are known.
    post(&network);
    let all = network.listen(&["flows", "--interface", "veth-*", "--json"], "listening on veth-b");
    let single = network.listen(&["flows", "--interface", "veth-a", "--json"], "listening on veth-a");
    let unlistened = network.ip_bytes("veth-a") - before;
    assert!(unlistened > 300_000);
    for _ in 0..3 {
        post(&network);
    }
    drop(server);
    let (all, single) = (all.stop(), single.stop());
    let (counted, seen_at_a) = (between(&all, 8080), between(&single, 8080));
    let exact = network.ip_bytes("veth-a") - before - unlistened;
    assert_eq!((counted.len(), seen_at_a.len()), (3, 3), "{} {}", all.stderr, single.stderr);
    assert_eq!(total(&counted), total(&seen_at_a));
    // ARP that came after all is less than a packet of the flow.
    assert!(exact - total(&counted) < 500, "{exact} {}", total(&counted));
    assert!(total(&counted) > 900_000, "{counted:?}");
    assert!(counted.iter().all(|line| line["src"] == "192.0.2.10" && line["protocol"] == "http"));
    assert!(all.stderr.contains("0 dropped by the kernel") && all.stderr.contains("counted at the first"));
}

#[test]
fn flows_are_printed_as_they_end_a_closed_connection_before_a_silent_datagram() {
    if !is_possible() {
        return;
    }
    let network = two_pods();
    let server = server(&network);
    let flows = network.listen(&["flows", "--interface", "veth-*", "--json"], "listening on veth-b");
    let datagram = "import socket; socket.socket(2, 2).sendto(b'x', ('192.0.2.11', 9999))";
    assert!(network.command("a", "python3").args(["-c", datagram]).status().unwrap().success());
    post(&network);
    // How long after its last packet a flow is printed. Both limits leave room for a machine that is busy; the
    // exact ones are tested with a clock of their own.
    let silence = |port: u64| {
        let line =
            || flows.stdout().lines().find(|line| line.contains(&format!("\"dstPort\":{port},"))).map(str::to_owned);
        await_true(Duration::from_mins(1), || line().is_some(), || flows.stderr());
        let line: Value = serde_json::from_str(&line().unwrap()).unwrap();
        let end: Timestamp = line["end"].as_str().unwrap().parse().unwrap();
        Timestamp::now().duration_since(end).as_secs_f64()
    };
    let closed = silence(8080);
    assert!((4.4..9.0).contains(&closed), "{closed}");
    assert!(!flows.stdout().contains("\"dstPort\":9999,"));
    let idle = silence(9999);
    assert!((9.9..20.0).contains(&idle), "{idle}");
    drop(server);
    assert_eq!(flows.stop().status, 0);
}

#[test]
fn links_that_come_are_followed_and_links_that_go_end_cleanly() {
    if !is_possible() {
        return;
    }
    let network = Network::new();
    let flows =
        network.listen(&["flows", "--interface", "veth-*", "--json"], "waiting for an interface that matches veth-*");
    let network = network.pod("a", &["192.0.2.10/24"]).pod("b", &["192.0.2.11/24"]);
    // At once: not a frame of a new link is lost.
    let ping = |from: &str, to: Ipv4Addr| {
        let mut command = network.command(from, "ping");
        command.args(["-c", "2", "-i", "0.2", "-W", "5", &IpAddr::V4(to).to_string()]).stdout(Stdio::null());
        assert!(command.status().unwrap().success());
    };
    ping("a", Ipv4Addr::new(192, 0, 2, 11));
    network.ip("node", "link delete veth-a");
    flows.await_remark("veth-a is gone");
    let run = flows.stop();
    let echoes: Vec<_> = run.json().into_iter().filter(|line| line["dst"] == "192.0.2.11").collect();
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!((echoes.len(), &echoes[0]["packetsOut"], &echoes[0]["packetsIn"]), (1, &2.into(), &2.into()));
}

#[test]
fn another_network_namespace_is_listened_to_from_outside() {
    if !is_possible() {
        return;
    }
    let network = two_pods();
    let file = format!("/run/netns/{}", network.namespace("node"));
    let mut command = Command::new(crate::support::binary());
    command.args(["flows", "--json", "--interface", "*", "--netns", &file]);
    let flows =
        super::network::Listening::start(command, "not listening on bridge: all its packets pass through veth-a");
    let mut ping = network.command("b", "ping");
    assert!(ping.args(["-c", "1", "192.0.2.10"]).stdout(Stdio::null()).status().unwrap().success());
    let run = flows.stop();
    assert_eq!(run.json().iter().filter(|line| line["src"] == "192.0.2.11").count(), 1, "{}", run.stdout);
}

#[test]
fn loopback_and_tunnel_devices_without_a_link_header_are_read() {
    if !is_possible() {
        return;
    }
    let network = two_pods();
    network.ip("node", "link set lo up");
    let flows = network.listen(&["flows", "--interface", "lo", "--interface", "tun*", "--json"], "listening on lo");
    let mut ping = network.command("node", "ping");
    assert!(ping.args(["-c", "1", "127.0.0.1"]).stdout(Stdio::null()).status().unwrap().success());
    let sends = "import fcntl, os, struct, subprocess, socket, time\n\
        tun = os.open('/dev/net/tun', os.O_RDWR)\n\
        fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'tun5', 0x1001))\n\
        for line in ('address add 198.51.100.1/24 dev tun5', 'link set tun5 addrgenmode none up'):\n\
        \tsubprocess.run(['ip'] + line.split(), check=True)\n\
        socket.socket(2, 2).sendto(b'x' * 72, ('198.51.100.2', 7777))\n\
        time.sleep(0.3)\n";
    let has_tun = fs::exists("/dev/net/tun").unwrap();
    if has_tun {
        assert!(network.command("node", "python3").args(["-c", sends]).status().unwrap().success());
    }
    let run = flows.stop();
    let echo: Vec<_> = run.json().into_iter().filter(|line| line["dst"] == "127.0.0.1").collect();
    // A question of 84 bytes and its answer, between the same two addresses.
    assert_eq!((echo.len(), total(&echo)), (1, 168), "{}", run.stdout);
    let datagrams = between(&run, 7777);
    assert_eq!((datagrams.len(), total(&datagrams)), if has_tun { (1, 100) } else { (0, 0) }, "{}", run.stdout);
}

#[test]
fn frames_that_find_no_room_are_counted_and_reported() {
    if !is_possible() {
        return;
    }
    let network = two_pods();
    let mut packet = vec![0x02; 12];
    packet.extend([0x08, 0x00, 0x45, 0, 0x05, 0xdc, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 192, 0, 2, 11]);
    packet.extend([0x9c, 0x40, 0x27, 0x0f, 0x05, 0xc8, 0, 0]);
    packet.resize(1514, 0);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &[&1514_u32.to_be_bytes(), packet.as_slice()].concat()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let observations = folder.path().join("observations.ndjson");
    let register = crate::support::path("examples/crm-processor");
    let arguments = ["watch", "--register", &register, "--interface", "veth-a", "--capture-memory", "2"];
    let arguments: Vec<&str> =
        arguments.into_iter().chain(["--observations-out", observations.to_str().unwrap()]).collect();
    let watch = network.listen(&arguments, "listening on veth-a");
    watch.signal("-STOP");
    network.send("a", file.path(), 10_000);
    watch.signal("-CONT");
    // Time for the reader to see that there is something.
    sleep(Duration::from_millis(500));
    network.send("a", file.path(), 1);
    let run = watch.stop();
    let line = run.stderr.lines().find(|line| line.contains("frames taken")).unwrap();
    let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    let &[interfaces, taken, dropped] = numbers.as_slice() else { panic!("{line}") };
    assert_eq!((interfaces, taken + dropped), (1, 10_001), "{}", run.stderr);
    assert!(dropped > 5_000 && run.stderr.contains("for lack of memory"), "{}", run.stderr);
    let recorded = fs::read_to_string(observations).unwrap();
    let observed: Vec<_> =
        recorded.lines().map(|line| landfall_observation::decode(line).expect("an observation")).collect();
    assert_eq!(observed.iter().map(|one| one.sent.packets + one.received.packets).sum::<u64>(), taken);
    assert!(observed.iter().any(|one| one.coverage.frames_dropped == dropped), "{recorded}");
}
