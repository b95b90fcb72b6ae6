"""Drops photographs, each with bytes of its own: drop_photographs.py JPEG INBOX COUNT FIRST."""

import pathlib
import struct
import sys

photograph = pathlib.Path(sys.argv[1]).read_bytes()
inbox = pathlib.Path(sys.argv[2])
count, first = map(int, sys.argv[3:])
for number in range(first, first + count):
    # A comment behind the start-of-image marker tells it from the others.
    text = b"number %d" % number
    comment = b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text
    (inbox / f"{number}.jpg").write_bytes(photograph[:2] + comment + photograph[2:])
