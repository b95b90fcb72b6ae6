"""A worker without a network: it speaks the protocol of gradcam-worker and answers at once.

What it writes depends on the image's content alone, so that every overlay can be checked byte by byte. An image that
holds CRASH kills it, one that holds HANG keeps it busy for good.

Environment:
    FAST_WORKER_READY_SECONDS   waits so long before it says that it is ready
    FAST_WORKER_IMAGE_SECONDS   waits so long before each answer
    FAST_WORKER_DISK_FULL       answers that the disk is full while this file exists
    FAST_WORKER_NO_SYNC         does not sync what it writes
"""

import base64
import hashlib
import json
import os
import sys
import time

SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}

MODEL = {
    "name": "fast", "task": "classification", "input": [1, 3, 8, 8], "output": [1, 2], "activation": "softmax",
    "logits_found": True, "labels": ["even", "odd"], "method": "gradcam", "reason": "It is the only one.",
    "targets": [{"path": "layer", "shape": [1, 1, 2, 2], "gradient_flows": True}], "layers": [], "has_card": True,
    "libtorch": "none", "opencv": "none", "cpu_capability": "none", "precision": "float32",
    "threads": 1,
}  # fmt: skip


def overlay_of(content: bytes) -> bytes:
    """The overlay of an image: longer than a page, and with an end that tells whether it is whole."""
    digest = hashlib.sha256(content).hexdigest()
    return f"overlay of {digest}\n".encode() * 64 + b"end\n"


def main() -> None:
    time.sleep(float(os.environ.get("FAST_WORKER_READY_SECONDS", "0")))
    answer("", kind="ready", model=MODEL)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer(request["id"], **outcome(request))


def answer(id: str, **content) -> None:
    print(json.dumps({"version": 1, "id": id, **content}), flush=True)


def outcome(request: dict) -> dict:
    time.sleep(float(os.environ.get("FAST_WORKER_IMAGE_SECONDS", "0")))
    try:
        content = read(path(request["image"]))
    except OSError as error:
        return failed("unreadable", f"The image cannot be read: {error.strerror}.")
    if b"CRASH" in content:
        os.abort()
    if b"HANG" in content:
        time.sleep(86_400)
    format = next((name for start, name in SIGNATURES.items() if content.startswith(start)), None)
    if format is None:
        return failed("not_an_image", "It is neither PNG nor JPEG.")
    if os.path.exists(os.environ.get("FAST_WORKER_DISK_FULL", "")):
        return failed("disk_full", "The disk is full.")
    try:
        write(path(request["overlays"][0]), overlay_of(content))
    except OSError as error:
        return failed("input_output", f"The overlay cannot be written: {error.strerror}.")
    return {"kind": "explained", "explanation": explanation(content, format, request["overlays"][:1])}


def explanation(content: bytes, format: str, overlays: list) -> dict:
    is_odd = hashlib.sha256(content).digest()[0] % 2
    statistics = {"raw_max": 1, "pos_fraction": 0.5, "zero_cam": False, "nonfinite": False}
    heat = {
        "method": "gradcam", "layers": ["layer"], "target": "logit", "saturated": False, "grid_width": 2,
        "grid_height": 2, "statistics": statistics,
    }  # fmt: skip
    prediction = {
        "class_index": is_odd, "label": MODEL["labels"][is_odd], "score": 0.75, "logit": 1, "heat": heat, "overlay": 0,
    }  # fmt: skip
    return {
        "picture": {"width": 16, "height": 16, "format": format}, "predictions": [prediction], "is_capped": False,
        "notes": [], "overlays": overlays, "heat_maps": [],
        "milliseconds": {
            "decode": 0, "preprocess": 0, "forward": 0, "explain": 0, "write": 0,
            "backward": 0, "map": 0, "blend": 0, "encode": 0, "sync": 0,
        },
    }  # fmt: skip


def failed(code: str, message: str) -> dict:
    return {"kind": "failed", "failure": {"code": code, "message": message, "remedy": ""}}


def path(value: str | dict) -> bytes:
    """A name that is not UTF-8 comes as base64."""
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def read(path: bytes) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def write(path: bytes, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        if "FAST_WORKER_NO_SYNC" not in os.environ:
            os.fsync(file.fileno())


if __name__ == "__main__":
    main()
