#!/usr/bin/env python3
"""Says what tshark sees in each capture, and fails on what must not be there: an address that is not for
documentation, a malformed packet, an empty or a large file."""

import ipaddress
import subprocess
import sys
from pathlib import Path

CAPTURES = Path(__file__).resolve().parent.parent / "captures"
LARGEST = 200_000
DOCUMENTATION = [
    ipaddress.ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
ADDRESSES = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst"]
SHOWN = {
    "asked": "dns.qry.name",
    "sni": "tls.handshake.extensions_server_name",
    "alpn": "tls.handshake.extensions_alpn_str",
    "host": "http.host",
    "protocol": "_ws.col.Protocol",
    "extension": "tls.handshake.extension.type",
    "malformed": "_ws.malformed",
}
ECH = str(0xFE0D)


def look(file: Path) -> tuple[int, dict[str, set[str]]]:
    fields = ADDRESSES + list(SHOWN.values())
    command = ["tshark", "-n", "-r", str(file), "-T", "fields"]
    for field in fields:
        command += ["-e", field]
    rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    seen: dict[str, set[str]] = {field: set() for field in fields}
    for row in rows:
        for field, values in zip(fields, row.split("\t")):
            seen[field].update(value for value in values.split(",") if value)
    return len(rows), seen


def complaints(file: Path, packets: int, seen: dict[str, set[str]]) -> list[str]:
    found = []
    for address in set().union(*(seen[field] for field in ADDRESSES)):
        if not any(ipaddress.ip_address(address) in network for network in DOCUMENTATION):
            found.append(f"address {address} is not for documentation")
    if seen[SHOWN["malformed"]]:
        found.append("malformed packets")
    if packets == 0 or file.stat().st_size > LARGEST:
        found.append(f"{packets} packets in {file.stat().st_size} bytes")
    return found


def main() -> int:
    failed = False
    for file in sorted(CAPTURES.iterdir()):
        packets, seen = look(file)
        parts = [f"{name}={','.join(sorted(seen[SHOWN[name]]))}" for name in ("protocol", "asked", "sni", "alpn", "host")]
        ech = " ech" if ECH in seen[SHOWN["extension"]] else ""
        print(f"{file.name}: {packets} packets, {' '.join(parts)}{ech}")
        for complaint in complaints(file, packets, seen):
            print(f"{file.name}: {complaint}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
