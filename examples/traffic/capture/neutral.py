"""Writes a pcapng file without what it says of the machine that recorded it.

`dumpcap` puts the processor's model and the kernel's version into the section header and the interface
descriptions. Both are dropped; packets, names of interfaces, filters and time resolutions stay as they are.
"""

import struct
import sys
from pathlib import Path

SECTION, INTERFACE = 0x0A0D0D0A, 1
# Block type → (length of the fixed part, options to drop: hardware and operating system).
DROPPED = {SECTION: (16, {2, 3}), INTERFACE: (8, {12, 15})}


def options(block: bytes, dropped: set[int]) -> bytes:
    kept, at = b"", 0
    while at + 4 <= len(block):
        code, length = struct.unpack_from("<HH", block, at)
        size = 4 + (length + 3) // 4 * 4
        if code not in dropped:
            kept += block[at : at + size]
        at += size
    return kept


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    data, out, at = source.read_bytes(), b"", 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8 : at + length - 4]
        if kind in DROPPED:
            fixed, dropped = DROPPED[kind]
            body = body[:fixed] + options(body[fixed:], dropped)
        total = len(body) + 12
        out += struct.pack("<II", kind, total) + body + struct.pack("<I", total)
        at += length
    target.write_bytes(out)


if __name__ == "__main__":
    main()
