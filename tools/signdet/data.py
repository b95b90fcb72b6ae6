# SPDX-License-Identifier: MIT
"""Pictures to train and measure on: rendered road signs, 16 to 250 pixels large, on real photographs.

The photographs of training come with the scikit-image and scikit-learn packages (README.md has their licences).
Nothing is downloaded.
"""

import importlib.util
import math
from pathlib import Path

import cv2
import numpy

from signs import NAMES, TEMPLATE_SIZE, distractors, templates

cv2.setNumThreads(1)

SMALLEST, LARGEST = 16, 250
"""The side of a sign in pixels, before it is turned and squeezed a little."""

SKIMAGE_PHOTOS = """astronaut.png chelsea.png coffee.png rocket.jpg motorcycle_left.png brick.png grass.png gravel.png
    hubble_deep_field.jpg ihc.png coins.png camera.png retina.jpg color.png""".split()
SKLEARN_PHOTOS = ["china.jpg", "flower.jpg"]


def package_folder(name):
    """Where a package lies, without importing it."""
    specification = importlib.util.find_spec(name)
    if specification is None:
        raise SystemExit(f"the photographs of {name} are needed: pip install --no-deps {name.replace('sk', 'scikit-')}")
    return Path(specification.origin).parent


def training_photos():
    """The photographs of scikit-image, and twice those of scikit-learn: they look most like a street."""
    paths = [package_folder("skimage") / "data" / name for name in SKIMAGE_PHOTOS]
    paths += 2 * [package_folder("sklearn") / "datasets/images" / name for name in SKLEARN_PHOTOS]
    return read_photos(paths, longest_side=math.inf)


def read_photos(paths, longest_side=900):
    """RGB pictures of all files that OpenCV can read, shrunk to `longest_side`."""
    photos = []
    for path in paths:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            continue
        scale = longest_side / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        photos.append(image[:, :, ::-1].copy())
    return photos


class Painter:
    """Paints an endless, repeatable sequence of pictures with known boxes."""

    def __init__(self, photos, seed):
        self.photos = photos
        self.random = numpy.random.default_rng(seed)
        self.signs = templates()
        self.distractors = distractors()

    def sample(self, size, most_signs=4):
        """An RGB picture of `size` x `size`, the boxes of its signs (x1, y1, x2, y2), and their classes."""
        random = self.random
        image = self.change_light(self.background(size))
        signs = 0 if random.random() < 0.08 else int(random.integers(1, most_signs + 1))
        kinds = ["sign"] * signs + ["distractor"] * int(random.integers(0, 4))
        boxes, labels, taken = [], [], []
        for kind in kinds:
            place = self.free_place(size, taken)
            if place is None:
                continue
            x, y, side = place
            if kind == "distractor":
                template = self.distractors[random.integers(len(self.distractors))]
                self.paste(image, template, side, x, y, distortion=2)
                continue
            label = int(random.integers(len(NAMES)))
            template = self.signs[label][random.integers(len(self.signs[label]))]
            if random.random() < 0.35:
                self.draw_pole(image, side, x, y)
            box = self.paste(image, template, side, x, y)
            if box is not None and min(box[2] - box[0], box[3] - box[1]) > 6:
                boxes.append(box)
                labels.append(label)
        boxes = numpy.array(boxes, numpy.float32).reshape(-1, 4)
        return self.spoil(image), boxes, numpy.array(labels, numpy.int64)

    def free_place(self, size, taken):
        """Left, top and side of a square that meets none in `taken`, which it joins; None if twelve tries fail."""
        random = self.random
        for _ in range(12):
            side = math.exp(random.uniform(math.log(SMALLEST), math.log(min(LARGEST, 0.78 * size))))
            x, y = random.uniform(-0.05 * side, size - 0.95 * side, 2)
            if all(
                min(x + side, other_x + other) < max(x, other_x) or min(y + side, other_y + other) < max(y, other_y)
                for other_x, other_y, other in taken
            ):
                taken.append((x, y, side))
                return x, y, side
        return None

    def background(self, size):
        """A cut of a photograph; now and then smooth noise with polygons."""
        random = self.random
        if random.random() < 0.15:
            return self.texture(size)
        photo = self.photos[random.integers(len(self.photos))]
        height, width = photo.shape[:2]
        side = int(min(height, width) * random.uniform(0.35, 1))
        top, left = random.integers(0, height - side + 1), random.integers(0, width - side + 1)
        interpolation = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        image = cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=interpolation)
        if random.random() < 0.5:
            image = image[:, ::-1]
        if random.random() < 0.1:
            image = image[::-1]
        return numpy.ascontiguousarray(image)

    def texture(self, size):
        random = self.random
        image = numpy.zeros((size, size, 3), numpy.float32)
        for cells in (4, 8, 24, 80):
            noise = random.random((cells, cells, 3)).astype(numpy.float32)
            image += cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC) * (40 / cells**0.3)
        image = numpy.clip(image * random.uniform(1, 3), 0, 255).astype(numpy.uint8)
        for _ in range(random.integers(0, 12)):
            corners = random.random((random.integers(3, 7), 2)) * size * 0.4 + random.random((1, 2)) * size * 0.8
            colour = tuple(int(value) for value in random.integers(0, 255, 3))
            cv2.fillPoly(image, [corners.astype(numpy.int32)], colour)
        return image

    def change_light(self, image):
        random = self.random
        if random.random() < 0.7:
            image = numpy.clip(image * random.uniform(0.5, 1.35) + random.uniform(-25, 25), 0, 255).astype(numpy.uint8)
        if random.random() < 0.1:
            image = numpy.repeat(image.mean(2, keepdims=True), 3, 2).astype(numpy.uint8)
        return image

    def draw_pole(self, image, side, x, y):
        grey = int(self.random.integers(60, 180))
        width = max(1, int(side * 0.06))
        left = int(x + side / 2) - width // 2
        bottom = int(y + side * self.random.uniform(1.5, 4))
        cv2.rectangle(image, (left, int(y + side * 0.7)), (left + width, bottom), (grey, grey, grey), -1)

    def paste(self, image, template, side, x, y, distortion=1.0):
        """Draws a template on the picture, turned, lit and partly hidden at random.

        - Returns: the box of what is visible of it; None where that is next to nothing.
        """
        corners = self.corners(side, x, y, distortion)
        low = numpy.maximum(numpy.floor(corners.min(0)).astype(int) - 2, 0)
        high = numpy.minimum(numpy.ceil(corners.max(0)).astype(int) + 2, image.shape[0])
        if (high - low).min() < 6:
            return None
        warped = warp(template, corners - low, side, high - low)
        alpha = warped[:, :, 3] / 255
        visible = alpha > 0.5
        if visible.sum() < 30:
            return None
        colour = self.light(warped[:, :, :3] / numpy.maximum(alpha, 1e-3)[..., None])
        alpha = self.hide(alpha, side)[..., None]
        part = (slice(low[1], high[1]), slice(low[0], high[0]))
        image[part] = (image[part] * (1 - alpha) + colour * alpha).astype(numpy.uint8)
        rows, columns = numpy.where(visible)
        left, top = low
        return numpy.float32([columns.min() + left, rows.min() + top, columns.max() + 1 + left, rows.max() + 1 + top])

    def corners(self, side, x, y, distortion):
        """Where the corners of a template lie: seen from the side, turned, and out of shape."""
        random = self.random
        squeeze = random.uniform(0.75, 1.0) if random.random() < 0.4 else 1.0
        corners = numpy.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
        corners += random.uniform(-0.1 * distortion, 0.1 * distortion, (4, 2)).astype(numpy.float32)
        corners[:, 0] *= squeeze
        angle = math.radians(random.normal(0, 6 * distortion))
        turn = numpy.float32([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        return ((corners - 0.5) @ turn.T + 0.5) * side + numpy.float32([x, y])

    def light(self, colour):
        random = self.random
        colour = colour * random.uniform(0.45, 1.1) + random.uniform(-12, 18)
        tint = random.uniform(0.88, 1.12, 3)
        height, width = colour.shape[:2]
        down, right = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
        slope_x, slope_y = random.uniform(-0.25, 0.25, 2)
        shade = 1 + slope_x * (right / width - 0.5) * 2 + slope_y * (down / height - 0.5) * 2
        return numpy.clip(colour * tint * shade[..., None], 0, 255)

    def hide(self, alpha, side):
        """Now and then something stands in front of the sign, and its edge is soft."""
        random = self.random
        if random.random() < 0.15:
            width = max(1, int(side * random.uniform(0.05, 0.2)))
            left = random.integers(0, max(1, alpha.shape[1] - width))
            alpha[:, left : left + width] *= 0 if random.random() < 0.5 else random.uniform(0.3, 0.7)
        return cv2.GaussianBlur(alpha, (3, 3), 0) if random.random() < 0.3 else alpha

    def spoil(self, image):
        """Blur, noise and JPEG, each now and then."""
        random = self.random
        if random.random() < 0.25:
            image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.2))
        if random.random() < 0.4:
            noise = random.normal(0, random.uniform(2, 12), image.shape)
            image = numpy.clip(image + noise, 0, 255).astype(numpy.uint8)
        if random.random() < 0.5:
            image = cv2.imdecode(cv2.imencode(".jpg", image, [1, int(random.integers(35, 95))])[1], 1)
        return image


def warp(template, corners, side, size):
    """The template drawn into a part of `size` (width, height) pixels, as float32 RGBA."""
    edge = TEMPLATE_SIZE
    if edge / side > 2:  # Shrunk first, for the warp would alias.
        edge = max(8, int(side * 1.5))
        template = cv2.resize(template, (edge, edge), interpolation=cv2.INTER_AREA)
    square = numpy.float32([[0, 0], [edge, 0], [edge, edge], [0, edge]])
    matrix = cv2.getPerspectiveTransform(square, corners.astype(numpy.float32))
    size = tuple(int(value) for value in size)
    return cv2.warpPerspective(template, matrix, size, flags=cv2.INTER_LINEAR).astype(numpy.float32)
