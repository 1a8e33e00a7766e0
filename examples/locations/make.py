#!/usr/bin/env python3
"""Writes the location datasets of this folder: made-up contents in the formats as published.

    python3 make.py [DIR]     DIR is this folder unless given

Every prefix is reserved for documentation (RFC 5737, RFC 3849). The country database is wrong for
cloud prefixes in the way that registry data is: it names the seat of the company that holds the
prefix, so the prefix of a European region reads US. The output is deterministic.
"""

import ipaddress
import json
import pathlib
import sys

# 2026-08-01T00:00:00Z, the date of every dataset here.
EPOCH = 1785542400

# prefix, published cloud range (provider, region), autonomous system, country as registries show it
NETWORKS = [
    ("198.51.100.0/28", ("aws", "us-east-1"), 16509, "US"),
    ("198.51.100.16/28", ("aws", "eu-central-1"), 16509, "US"),
    ("198.51.100.32/28", None, 32934, "US"),
    ("198.51.100.48/28", ("aws", "us-east-1"), 16509, "US"),
    ("198.51.100.64/28", ("aws", "eu-west-1"), 16509, "US"),
    ("198.51.100.80/28", ("azure", "eastus"), 8075, "US"),
    ("198.51.100.96/28", ("gcp", "us-east1"), 396982, "US"),
    ("198.51.100.112/28", ("gcp", "europe-west3"), 396982, "US"),
    ("203.0.113.0/28", None, 13335, "US"),
    ("203.0.113.16/28", ("azure", "germanywc"), 8075, "US"),
    ("203.0.113.32/28", None, 399358, "US"),
    ("203.0.113.48/28", ("gcp", "global"), 15169, "US"),
    ("203.0.113.64/28", ("gcp", "europe-west4"), 396982, "US"),
    ("203.0.113.96/28", None, 64500, "US"),
    ("203.0.113.128/28", None, 64501, "DE"),
    ("2001:db8:100::/48", ("aws", "us-east-1"), 16509, "US"),
]

OPERATORS = {
    8075: "MICROSOFT-CORP-MSN-AS-BLOCK",
    13335: "CLOUDFLARENET",
    15169: "GOOGLE",
    16509: "AMAZON-02",
    32934: "FACEBOOK",
    64500: "Example Hosting",
    64501: "Example Access",
    396982: "GOOGLE-CLOUD-PLATFORM",
    399358: "ANTHROPIC",
}


def of(provider):
    return [(ipaddress.ip_network(prefix), cloud[1]) for prefix, cloud, _, _ in NETWORKS if cloud and cloud[0] == provider]


def aws():
    def rows(version, key):
        return [
            {key: str(net), "region": region, "service": service, "network_border_group": region}
            for service in ("AMAZON", "EC2")
            for net, region in of("aws")
            if net.version == version
        ]

    return {
        "syncToken": str(EPOCH),
        "createDate": "2026-08-01-00-00-00",
        "prefixes": rows(4, "ip_prefix"),
        "ipv6_prefixes": rows(6, "ipv6_prefix"),
    }


def gcp():
    return {
        "syncToken": str(EPOCH * 1000),
        "creationTime": "2026-08-01T00:00:00.000000",
        "prefixes": [
            {f"ipv{net.version}Prefix": str(net), "service": "Google Cloud", "scope": scope} for net, scope in of("gcp")
        ],
    }


def azure():
    def tag(name, region, nets):
        return {
            "name": name,
            "id": name,
            "properties": {
                "changeNumber": 1,
                "region": region,
                "regionId": 0,
                "platform": "Azure",
                "systemService": "",
                "addressPrefixes": [str(net) for net in nets],
                "networkFeatures": None,
            },
        }

    ranges = of("azure")
    values = [tag(f"AzureCloud.{region}", region, [net]) for net, region in ranges]
    values.append(tag("AzureCloud", "", [net for net, _ in ranges]))
    return {"changeNumber": 400, "cloud": "Public", "values": values}


def encode(value):
    """A value of a MaxMind DB data section (format 2.0), as far as these databases need it."""

    def control(kind, size):
        if size >= 29:
            assert size < 29 + 256
            size, tail = 29, bytes([size - 29])
        else:
            tail = b""
        return (bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])) + tail

    if isinstance(value, str):
        text = value.encode()
        return control(2, len(text)) + text
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(encode(v) for v in value)
    kind, number = value
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return control({"u16": 5, "u32": 6, "u64": 9}[kind], len(raw)) + raw


def mmdb(database_type, description, records):
    """A MaxMind DB of 24-bit records over the IPv6 tree, IPv4 under ::/96."""
    nodes, data, offsets = [[None, None]], b"", {}
    for prefix, record in records:
        encoded = encode(record)
        if encoded not in offsets:
            offsets[encoded] = len(data)
            data += encoded
        net = ipaddress.ip_network(prefix)
        length = net.prefixlen + (96 if net.version == 4 else 0)
        bits = [int(net.network_address) >> (127 - i) & 1 for i in range(length)]
        node = 0
        for bit in bits[:-1]:
            if nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        assert nodes[node][bits[-1]] is None, f"{prefix} overlaps"
        nodes[node][bits[-1]] = ("data", offsets[encoded])

    def pointer(child):
        if child is None:
            return len(nodes)
        return child if isinstance(child, int) else len(nodes) + 16 + child[1]

    tree = b"".join(pointer(child).to_bytes(3, "big") for node in nodes for child in node)
    metadata = {
        "binary_format_major_version": ("u16", 2),
        "binary_format_minor_version": ("u16", 0),
        "build_epoch": ("u64", EPOCH),
        "database_type": database_type,
        "description": {"en": description},
        "ip_version": ("u16", 6),
        "languages": ["en"],
        "node_count": ("u32", len(nodes)),
        "record_size": ("u16", 24),
    }
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata)


def asn():
    return mmdb(
        "Landfall-Example-ASN",
        "Made-up operators of documentation prefixes",
        [
            (prefix, {"autonomous_system_number": ("u32", number), "autonomous_system_organization": OPERATORS[number]})
            for prefix, _, number, _ in NETWORKS
        ],
    )


def country():
    return mmdb(
        "Landfall-Example-Country",
        "Made-up countries of documentation prefixes",
        [(prefix, {"country": {"iso_code": code}}) for prefix, _, _, code in NETWORKS],
    )


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in (("ip-ranges.json", aws()), ("cloud.json", gcp()), ("ServiceTags_Public.json", azure())):
        (folder / name).write_text(json.dumps(document, indent=2) + "\n")
    (folder / "asn.mmdb").write_bytes(asn())
    (folder / "country.mmdb").write_bytes(country())


main()
