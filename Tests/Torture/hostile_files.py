"""Files as somebody hostile would drop them: the same for the same seed.

Small pictures of every format are damaged in the ways that decoders have died of: flipped bits, cut ends, heads on
other tails, numbers at their limits. Bombs promise or unpack to far more than they weigh. Names hold whatever a file
system takes.
"""

import random
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = [b"jpg", b"jpeg", b"png", b"webp", b"tif", b"bmp", b"JPG", b"txt", b"exe", b"jpg.php"]
HUGE = 60_000
MAGIC = [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\x7fWEBP", b"II*\0", b"MM\0*", b"BM", b"GIF89a"]
LIMITS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


@dataclass
class HostileFile:
    name: bytes
    content: bytes
    #: How it was made, for whoever must find out what became of it.
    kind: str


def pictures_in(folder: Path) -> list[tuple[str, bytes]]:
    """The pictures that the decoder's tests read, with their names; without their expected pixels."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".rgb", ".json"))
    return [(path.name, path.read_bytes()) for path in files]


def hostile_files(pictures: Path, count: int, seed: int) -> list[HostileFile]:
    """`count` files with different names: all bombs and all names, the rest mutations."""
    chance = random.Random(seed)
    seeds = pictures_in(pictures)
    names = hostile_names()
    files: list[HostileFile] = []
    for kind, extension, content in bombs(dict(seeds)):
        files.append(HostileFile(b"bomb-%03d.%s" % (len(files), extension), content, kind))
    for index, name in enumerate(names):
        original, content = seeds[index % len(seeds)]
        files.append(HostileFile(name, content, f"named oddly, {original}"))
    while len(files) < count:
        original, content = chance.choice(seeds)
        mutation = chance.choice(MUTATIONS)
        extension = original.rsplit(".", 1)[1].encode()
        if chance.random() < 0.1:
            extension = chance.choice(EXTENSIONS)
        mutated = mutation(chance, content, seeds)
        name = b"%05d-%s" % (len(files), mutation.__name__.encode()) + b"." + extension
        files.append(HostileFile(name, mutated, f"{mutation.__name__} of {original}"))
    return files[:count]


# Mutations. Each takes the source of chance, a picture, and all pictures.


def flipped_bits(chance: random.Random, content: bytes, _) -> bytes:
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4, 16, 64])):
        position = chance.randrange(len(data))
        data[position] ^= 1 << chance.randrange(8)
    return bytes(data)


def flipped_head(chance: random.Random, content: bytes, _) -> bytes:
    """Where most of a format's decisions are made."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 2, 4])):
        data[chance.randrange(min(64, len(data)))] ^= 1 << chance.randrange(8)
    return bytes(data)


def truncated(chance: random.Random, content: bytes, _) -> bytes:
    return content[: chance.randrange(1, len(content))]


def limit_number(chance: random.Random, content: bytes, _) -> bytes:
    """A number of 1, 2 or 4 bytes at the limit of some integer."""
    data = bytearray(content)
    size = chance.choice([1, 2, 4])
    order = chance.choice(["big", "little"])
    position = chance.randrange(max(1, min(len(data), 256) - size))
    data[position : position + size] = (chance.choice(LIMITS) & (256**size - 1)).to_bytes(size, order)
    return bytes(data)


def spliced(chance: random.Random, content: bytes, seeds) -> bytes:
    other = chance.choice(seeds)[1]
    return content[: chance.randrange(1, len(content))] + other[chance.randrange(len(other)) :]


def foreign_head(chance: random.Random, content: bytes, _) -> bytes:
    magic = chance.choice(MAGIC)
    return magic + content[len(magic) if chance.random() < 0.5 else 0 :]


def doubled_part(chance: random.Random, content: bytes, _) -> bytes:
    start = chance.randrange(len(content))
    end = chance.randrange(start, len(content)) + 1
    return content[:end] + content[start:end] * chance.choice([1, 2, 50]) + content[end:]


def missing_part(chance: random.Random, content: bytes, _) -> bytes:
    start = chance.randrange(1, len(content))
    end = min(len(content), start + chance.choice([1, 2, 4, 16, 256]))
    return content[:start] + content[end:]


def noise_inside(chance: random.Random, content: bytes, _) -> bytes:
    position = chance.randrange(len(content))
    return content[:position] + chance.randbytes(chance.choice([1, 16, 1024])) + content[position:]


def trailing(chance: random.Random, content: bytes, _) -> bytes:
    """A whole picture with something behind it, as polyglots have."""
    return content + chance.choice([b"PK\x03\x04", b"<?php system($_GET[0]);", chance.randbytes(2048), bytes(65536)])


def noise(chance: random.Random, _, __) -> bytes:
    return chance.randbytes(chance.choice([1, 2, 3, 11, 12, 16, 100, 5000]))


def text(chance: random.Random, _, __) -> bytes:
    return chance.choice([b"hello\n", b"<html><body>Not found</body></html>", b"%PDF-1.7\n", b"\xef\xbb\xbf{}", b"\0"])


MUTATIONS = [
    flipped_bits, flipped_bits, flipped_head, truncated, limit_number, limit_number, spliced, foreign_head,
    doubled_part, missing_part, noise_inside, trailing, noise, text,
]  # fmt: skip


# Bombs.


def bombs(pictures: dict[str, bytes]) -> list[tuple[str, bytes, bytes]]:
    """Kind, extension, content."""
    return [
        ("PNG of 60,000 x 60,000", b"png", png(HUGE, HUGE, zlib.compress(bytes(100)))),
        ("PNG of 2^31-1 x 2^31-1", b"png", png(0x7FFFFFFF, 0x7FFFFFFF, b"")),
        ("PNG of 0 x 0", b"png", png(0, 0, b"")),
        ("PNG of 32,000 x 3,000 without its rows", b"png", png(32_000, 3_000, zlib.compress(bytes(100)))),
        ("PNG whose data unpack to 1 GiB", b"png", png(16, 16, zeros(1 << 30))),
        ("PNG whose colour profile unpacks to 256 MiB", b"png", png(16, 16, rows(16, 16), profile=zeros(1 << 28))),
        ("PNG with 50,000 texts", b"png", png(16, 16, rows(16, 16), texts=50_000)),
        ("JPEG of 60,000 x 60,000", b"jpg", jpeg_of_size(pictures["baseline.jpg"], HUGE, HUGE)),
        ("progressive JPEG of 60,000 x 60,000", b"jpg", jpeg_of_size(pictures["progressive.jpg"], HUGE, HUGE)),
        ("JPEG of 0 x 9", b"jpg", jpeg_of_size(pictures["baseline.jpg"], 0, 9)),
        ("JPEG of 9,000 x 9,000 with 16 rows", b"jpg", jpeg_of_size(pictures["baseline.jpg"], 9000, 9000)),
        ("progressive JPEG of 2,000 x 2,000 with 1,000 scans", b"jpg", many_scans(pictures["progressive.jpg"], 1000)),
        ("BMP of 60,000 x 60,000", b"bmp", bmp_of_size(pictures["rgb.bmp"], HUGE, HUGE)),
        ("BMP of negative width", b"bmp", bmp_of_size(pictures["rgb.bmp"], -1, 20)),
        ("BMP of -2^31 rows", b"bmp", bmp_of_size(pictures["rgb.bmp"], 20, -(1 << 31))),
        ("TIFF of 60,000 x 60,000", b"tif", tiff(HUGE, HUGE)),
        ("TIFF of 4 billion x 1", b"tif", tiff(0xFFFFFFFF, 1)),
        ("TIFF whose directory follows itself", b"tif", tiff(16, 16, next_directory=8)),
        ("TIFF whose strip lies beyond its end", b"tif", tiff(16, 16, strip_offset=0xFFFFFFF0)),
        ("TIFF whose strip unpacks to 256 MiB", b"tif", tiff(16, 16, compression=8, strip=zeros(1 << 28))),
        ("TIFF of 65,535 samples", b"tif", tiff(16, 16, samples=0xFFFF)),
        ("WebP whose canvas is 60,000 x 60,000", b"webp", webp_canvas(pictures["lossy.webp"], HUGE, HUGE)),
        ("WebP of 16,383 x 16,383", b"webp", webp_of_size(pictures["lossy.webp"], 16_383, 16_383)),
        ("lossless WebP of 16,384 x 16,384", b"webp", webp_lossless(16_384, 16_384)),
    ]


def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def rows(width: int, height: int) -> bytes:
    """Black rows of a grey PNG, without filter."""
    return zlib.compress(bytes((width + 1) * height))


def png(width: int, height: int, data: bytes, profile: bytes = b"", texts: int = 0) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    if profile:
        parts.append(chunk(b"iCCP", b"profile\0\0" + profile))
    parts += [chunk(b"tEXt", b"Comment\0boom")] * texts
    return b"".join([*parts, chunk(b"IDAT", data), chunk(b"IEND", b"")])


def frame_header(content: bytes) -> int:
    """Where a JPEG's SOF0 or SOF2 marker stands."""
    position = 2
    while content[position + 1] not in (0xC0, 0xC2):
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return position


def jpeg_of_size(content: bytes, width: int, height: int) -> bytes:
    start = frame_header(content) + 5
    return content[:start] + struct.pack(">HH", height, width) + content[start + 4 :]


def many_scans(content: bytes, count: int) -> bytes:
    """The last scan again and again: a decoder goes over the whole picture for each."""
    last = content.rindex(b"\xff\xda")
    scan = content[last : content.rindex(b"\xff\xd9")]
    return jpeg_of_size(content[:last], 2000, 2000) + scan * count + b"\xff\xd9"


def bmp_of_size(content: bytes, width: int, height: int) -> bytes:
    return content[:18] + struct.pack("<ii", width, height) + content[26:]


def tiff(
    width: int, height: int, next_directory: int = 0, strip_offset: int | None = None, compression: int = 1,
    strip: bytes = bytes(256), samples: int = 1,
) -> bytes:  # fmt: skip
    """Grey, little-endian, one strip behind the directory at 8."""
    LONG, SHORT = 4, 3
    end = 8 + 2 + 9 * 12 + 4
    tags = [
        (256, LONG, width), (257, LONG, height), (258, SHORT, 8), (259, SHORT, compression), (262, SHORT, 1),
        (273, LONG, end if strip_offset is None else strip_offset), (277, SHORT, samples), (278, LONG, height),
        (279, LONG, len(strip)),
    ]  # fmt: skip
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + directory + struct.pack("<I", next_directory) + strip


def riff(chunks: bytes) -> bytes:
    return struct.pack("<4sI", b"RIFF", 4 + len(chunks)) + b"WEBP" + chunks


def webp_canvas(content: bytes, width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff(struct.pack("<4sI", b"VP8X", 10) + bytes(4) + size + content[12:])


def webp_of_size(content: bytes, width: int, height: int) -> bytes:
    start = content.index(b"\x9d\x01\x2a") + 3
    return content[:start] + struct.pack("<HH", width, height) + content[start + 4 :]


def webp_lossless(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return riff(struct.pack("<4sI", b"VP8L", 16) + b"\x2f" + struct.pack("<I", bits) + bytes(11))


# Names.

ESCAPE = b"\x1b]0;owned\x07\x1b[2J\x1b[31m"


def hostile_names() -> list[bytes]:
    """Names that a shell, a terminal, a log or a careless program stumbles over; all of them are taken."""
    longest = b"n" * 251 + b".jpg"
    return [
        longest,
        "ä".encode() * 125 + b"x.png",
        b"x" * 255,
        b"." .join([b"a"] * 120) + b".jpg",
        b"two\nlines.jpg",
        b"\n.jpg",
        b"return\r.jpg",
        b"tab\t.jpg",
        b"bell\x07.jpg",
        b"delete\x7f.jpg",
        ESCAPE + b".jpg",
        b"\xc2\x9b31mc1.jpg",
        b"\xff\xfe\xfd.jpg",
        b"cut\xe2\x82.jpg",
        b"latin\xe9.jpg",
        b"overlong\xc0\xaf.jpg",
        b"surrogate\xed\xa0\x80.jpg",
        "right\u202egpj.exe.jpg".encode(),
        "zero\u200bwidth.jpg".encode(),
        "line\u2028separator.jpg".encode(),
        "e\u0301.jpg".encode(),
        "\u00e9.jpg".encode(),
        "\U0001f600.jpg".encode(),
        b"-rf.jpg",
        b"--config=x.jpg",
        b"-",
        b" ",
        b" space .jpg ",
        b"'quote'.jpg",
        b'"double".jpg',
        b"back\\slash.jpg",
        b"$(touch owned).jpg",
        b"`touch owned`.jpg",
        b";touch owned;.jpg",
        b"|&<>.jpg",
        b"*?[a-z].jpg",
        b"%s%n%x%d.jpg",
        b"%2e%2e%2fx.jpg",
        b"'; DROP TABLE arrival; --.jpg",
        b"{\"json\": 1}.jpg",
        b"same.jpg",
        b"SAME.jpg",
        b"same.JPG",
        b"noextension",
        b"x.jpg.cam.jpg",
        b"17-x.jpg",
        b"17-x.jpg.txt",
        b"NUL",
        b"log.db",
        b"gradcamd.yaml",
        b"https:x.jpg",
        b"\xef\xbb\xbfbom.jpg",
    ]


IGNORED_NAMES = [b"..jpg", b"...", b".hidden.jpg", b"~$x.jpg", b"x.jpg.part", b"x.jpg~", b".tmp-1.cam.jpg"]
