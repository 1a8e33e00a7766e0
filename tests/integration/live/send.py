"""Sends frames on an interface: send.py INTERFACE FILE [COPIES]. The file has, for each frame, its length
in four bytes, big-endian, and the frame."""

import socket
import struct
import sys

interface, path = sys.argv[1:3]
copies = int(sys.argv[3]) if len(sys.argv) > 3 else 1
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((interface, 0))
frames = []
with open(path, "rb") as file:
    while header := file.read(4):
        frames.append(file.read(struct.unpack(">I", header)[0]))
for _ in range(copies):
    for frame in frames:
        out.send(frame)
