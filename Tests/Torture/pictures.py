"""Small valid pictures, each with bytes, and so a hash, of its own."""

import functools
import random
import struct
import zlib

from service import PICTURES


@functools.cache
def picture(number: int, side: int = 16) -> bytes:
    """A PNG of noise, the same for the same number."""
    noise = random.Random(number).randbytes(3 * side * side)
    # Each line begins with its filter: 0, none.
    lines = b"".join(b"\0" + noise[3 * side * line : 3 * side * (line + 1)] for line in range(side))
    # 8 bits, RGB.
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, content) for kind, content in chunks)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@functools.cache
def photograph(number: int) -> bytes:
    """A JPEG whose comment tells it from the others."""
    plain = (PICTURES / "baseline.jpg").read_bytes()
    comment = b"number %d" % number
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:]


def no_picture(number: int) -> bytes:
    return b"This is no picture, and its number is %d.\n" % number


def is_picture(content: bytes) -> bool:
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
