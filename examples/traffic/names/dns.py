"""A small DNS server over UDP and TCP: it answers from a fixed zone and forwards nothing.

It knows A, AAAA, CNAME (chains are followed, as a resolver does), TXT for `large.example`, and HTTPS
records (RFC 9460) that carry the ECH configurations of the run. Answers above the client's UDP size are
truncated, so that the client comes again over TCP.
"""

import argparse
import base64
import ipaddress
import socket
import socketserver
import struct
import threading
from pathlib import Path

TTL = 60
A, CNAME, SOA, TXT, AAAA, OPT, HTTPS = 1, 5, 6, 16, 28, 41, 65
TYPES = {"A": A, "AAAA": AAAA, "CNAME": CNAME}
# Large enough for two fragments on a link of 1500 bytes.
LARGE_TEXT = [b"This text is long so that its datagram has to be cut. " * 4] * 12


class Zone:
    """The records: (name, type) → [(data, client or None)]."""

    def __init__(self, text: str, ech: str) -> None:
        self.records: dict[tuple[str, int], list[tuple[bytes, str | None]]] = {}
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            name, kind, value, *client = line.split()
            data = encode(value) if kind == "CNAME" else ipaddress.ip_address(value).packed
            self.add(name, TYPES[kind], data, client[0] if client else None)
        for line in ech.splitlines():
            name, configuration = line.split()
            self.add(name, HTTPS, service(base64.b64decode(configuration)))
        self.add("large.example", TXT, b"".join(bytes([len(part)]) + part for part in LARGE_TEXT))
        self.names = {name for name, _ in self.records}

    def add(self, name: str, kind: int, data: bytes, client: str | None = None) -> None:
        self.records.setdefault((name, kind), []).append((data, client))

    def find(self, name: str, kind: int, client: str) -> list[bytes]:
        """A record made for this client hides those for everybody."""
        found = self.records.get((name, kind), [])
        own = [data for data, only in found if only == client]
        return own or [data for data, only in found if only is None]


def encode(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part) + b"\0"


def decode(message: bytes, at: int) -> tuple[str, int]:
    """A name without compression (questions have none) and where it ends."""
    parts = []
    while message[at]:
        parts.append(message[at + 1 : at + 1 + message[at]].decode("ascii"))
        at += 1 + message[at]
    return ".".join(parts), at + 1


def service(ech: bytes) -> bytes:
    """HTTPS record data: priority 1, the name itself, alpn=h2, ech=…"""
    alpn = b"\x02h2"
    return struct.pack("!HB", 1, 0) + struct.pack("!HH", 1, len(alpn)) + alpn + struct.pack("!HH", 5, len(ech)) + ech


def reply(zone: Zone, query: bytes, client: str, limit: int | None) -> bytes:
    identity, flags, _, _, _, additional = struct.unpack_from("!6H", query)
    asked, end = decode(query, 12)
    kind, _ = struct.unpack_from("!HH", query, end)
    question = query[12 : end + 4]
    extended = additional > 0
    if limit is not None and extended:
        # The OPT record stands first: root name, type, then the UDP size as its class.
        limit = max(limit, struct.unpack_from("!BHH", query, end + 4)[2])

    answers, name = [], asked.lower()
    while target := zone.find(name, CNAME, client):
        answers.append((name, CNAME, target[0]))
        name = decode(target[0], 0)[0]
    answers += [(name, kind, data) for data in zone.find(name, kind, client)]
    known = name in zone.names
    authority = b"" if answers else record("", SOA, encode("ns.example") + encode("admin.example") + bytes(20))

    options = struct.pack("!BHHIH", 0, OPT, 1232, 0, 0) if extended else b""
    for cut in (False, True):
        kept = [] if cut else answers
        code = 0x8580 | (flags & 0x0100) | (0x0200 if cut else 0) | (0 if known else 3)
        head = struct.pack("!6H", identity, code, 1, len(kept), 1 if authority else 0, 1 if extended else 0)
        body = b"".join(record(*answer, asked=asked) for answer in kept)
        message = head + question + body + authority + options
        if limit is None or len(message) <= limit:
            break
    return message


def record(name: str, kind: int, data: bytes, asked: str | None = None) -> bytes:
    # 0xc00c points at the name of the question.
    owner = b"\xc0\x0c" if asked is not None and name == asked.lower() else encode(name)
    return owner + struct.pack("!HHIH", kind, 1, TTL, len(data)) + data


class Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        query, sock = self.request
        sock.sendto(reply(self.server.zone, query, self.client_address[0], 512), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while len(head := self.rfile.read(2)) == 2:
            query = self.rfile.read(struct.unpack("!H", head)[0])
            message = reply(self.server.zone, query, self.client_address[0], None)
            self.wfile.write(struct.pack("!H", len(message)) + message)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # Datagrams above the MTU are to be fragmented, not refused (IP_MTU_DISCOVER = IP_PMTUDISC_DONT).
        self.socket.setsockopt(socket.IPPROTO_IP, 10, 0)
        super().server_bind()


class TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--zone", type=Path, required=True)
    parser.add_argument("--ech", type=Path, required=True, help="lines of name and ECHConfigList in base64")
    args = parser.parse_args()

    zone = Zone(args.zone.read_text(), args.ech.read_text())
    servers = [UdpServer((args.address, 53), Datagram), TcpServer((args.address, 53), Stream)]
    for server in servers:
        server.zone = zone
    print("ready", flush=True)
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
