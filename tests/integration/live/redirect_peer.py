"""Delivers IPv4 that comes in at an interface straight into the namespace of a pod, as Cilium does with host routing.

Arguments: the interface, and the host end of the pod's veth pair. Loads four instructions (`bpf_redirect_peer(index, 0)`)
and attaches them with tc, in the mount namespace that `ip netns exec` made for this process.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile

BPF, PROG_LOAD, OBJ_PIN, SCHED_CLS, REDIRECT_PEER = 321, 5, 6, 3, 155
card, link = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def instruction(code, registers, immediate):
    return struct.pack("<BBhi", code, registers, 0, immediate)


program = ctypes.create_string_buffer(
    instruction(0xB7, 1, socket.if_nametoindex(link))
    + instruction(0xB7, 2, 0)
    + instruction(0x85, 0, REDIRECT_PEER)
    + instruction(0x95, 0, 0),
    32,
)
licence = ctypes.create_string_buffer(b"Apache-2.0")
load = struct.pack("<IIQQ", SCHED_CLS, 4, ctypes.addressof(program), ctypes.addressof(licence))
descriptor = must(libc.syscall(BPF, PROG_LOAD, ctypes.create_string_buffer(load, 128), 128))
with tempfile.TemporaryDirectory() as folder:
    must(libc.mount(b"bpf", folder.encode(), b"bpf", 0, None))
    path = ctypes.create_string_buffer(f"{folder}/redirect".encode())
    pin = struct.pack("<QII", ctypes.addressof(path), descriptor, 0)
    must(libc.syscall(BPF, OBJ_PIN, ctypes.create_string_buffer(pin, 128), 128))
    tc = ["tc", "qdisc", "add", "dev", card, "clsact"], ["tc", "filter", "add", "dev", card, "ingress", "protocol", "ip"]
    subprocess.run(tc[0], check=True)
    subprocess.run(tc[1] + ["bpf", "direct-action", "object-pinned", f"{folder}/redirect"], check=True)
    must(libc.umount(folder.encode()))
