"""A photograph as the network's input, as the model card describes it: for the check of an exported model."""

import torch

from export_error import ExportError


def load(path, card):
    """- Returns: float32, 1 x channels x height x width, normalised."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise ExportError("--check needs Pillow: apt-get install python3-pil, or pip install pillow")
    try:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB" if card.channels == 3 else "L")
    except OSError as error:
        raise ExportError(f"cannot read the picture {path}: {error}")

    width, height = placed_size(picture.size, card)
    picture = picture.resize((width, height), Image.BOX)
    canvas = Image.new(picture.mode, (card.width, card.height), (114,) * 3 if card.channels == 3 else 114)
    canvas.paste(picture, ((card.width - width) // 2, (card.height - height) // 2))

    pixels = torch.frombuffer(bytearray(canvas.tobytes()), dtype=torch.uint8)
    pixels = pixels.view(1, card.height, card.width, card.channels).permute(0, 3, 1, 2).float() / 255
    per_channel = (1, -1, 1, 1)
    return (pixels - torch.tensor(card.mean).view(per_channel)) / torch.tensor(card.std).view(per_channel)


def placed_size(size, card):
    """Width and height of the whole picture on the input's scale: larger than the input where it is cropped."""
    if card.resize == "stretch":
        return card.width, card.height
    scales = card.width / size[0], card.height / size[1]
    scale = min(scales) if card.resize == "letterbox" else max(scales) / card.crop_fraction
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
