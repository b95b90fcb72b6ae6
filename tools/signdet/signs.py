# SPDX-License-Identifier: MIT
"""Draws the road signs, and things that look a little like signs but are none, as RGBA templates."""

import math

import numpy
from PIL import Image, ImageDraw, ImageFont

NAMES = ["stop", "yield", "no_entry", "speed_limit", "warning", "mandatory", "priority", "parking"]
STOP, YIELD, NO_ENTRY, SPEED_LIMIT, WARNING, MANDATORY, PRIORITY, PARKING = range(len(NAMES))

TEMPLATE_SIZE = 256
CENTRE = TEMPLATE_SIZE / 2
# Debian's fonts-dejavu-core.
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"

RED, WHITE, BLACK = (196, 24, 32), (244, 244, 242), (16, 16, 16)
BLUE, YELLOW, GREEN = (14, 72, 164), (248, 196, 12), (30, 130, 60)


def canvas():
    image = Image.new("RGBA", (TEMPLATE_SIZE, TEMPLATE_SIZE), (0, 0, 0, 0))
    return image, ImageDraw.Draw(image)


def regular_polygon(corners, radius, rotation):
    angles = [2 * math.pi * index / corners + rotation for index in range(corners)]
    return [(CENTRE + radius * math.cos(angle), CENTRE + radius * math.sin(angle)) for angle in angles]


def write(draw, text, size, colour):
    draw.text((CENTRE, CENTRE), text, font=ImageFont.truetype(FONT, size), fill=colour, anchor="mm")


def disc(draw, margin, colour):
    draw.ellipse((margin, margin, TEMPLATE_SIZE - margin, TEMPLATE_SIZE - margin), fill=colour)


def stop(text):
    image, draw = canvas()
    draw.polygon(regular_polygon(8, 126, math.pi / 8), fill=WHITE)
    draw.polygon(regular_polygon(8, 116, math.pi / 8), fill=RED)
    write(draw, text, 72 if len(text) == 4 else 58, WHITE)
    return image


def give_way(width):
    image, draw = canvas()
    draw.polygon([(4, 22), (252, 22), (128, 238)], fill=RED)
    inner = [(4 + width * 1.5, 22 + width * 0.8), (252 - width * 1.5, 22 + width * 0.8), (128, 238 - width * 1.6)]
    draw.polygon(inner, fill=WHITE)
    return image


def no_entry(half_height):
    image, draw = canvas()
    disc(draw, 3, WHITE)
    disc(draw, 11, RED)
    draw.rectangle((42, 128 - half_height, 214, 128 + half_height), fill=WHITE)
    return image


def speed_limit(value):
    image, draw = canvas()
    disc(draw, 3, RED)
    disc(draw, 36, WHITE)
    write(draw, str(value), 112 if value < 100 else 80, BLACK)
    return image


def draw_exclamation(draw):
    draw.rectangle((119, 104, 137, 172), fill=BLACK)
    draw.ellipse((117, 182, 139, 204), fill=BLACK)


def draw_crossing(draw):
    draw.line((128, 108, 128, 204), fill=BLACK, width=16)
    draw.line((96, 156, 160, 156), fill=BLACK, width=16)


def draw_bend(draw):
    draw.line([(108, 204), (108, 178), (146, 156), (128, 120)], fill=BLACK, width=16, joint="curve")
    draw.polygon([(112, 126), (142, 120), (120, 98)], fill=BLACK)


def draw_pedestrian(draw):
    draw.ellipse((116, 104, 140, 128), fill=BLACK)
    draw.line((128, 128, 128, 172), fill=BLACK, width=16)
    draw.line((128, 170, 106, 204), fill=BLACK, width=12)
    draw.line((128, 170, 152, 204), fill=BLACK, width=12)


def warning(draw_symbol, ground):
    image, draw = canvas()
    draw.polygon([(4, 236), (252, 236), (128, 18)], fill=RED)
    draw.polygon([(50, 210), (206, 210), (128, 72)], fill=ground)
    draw_symbol(draw)
    return image


def mandatory(angle):
    image, draw = canvas()
    disc(draw, 3, WHITE)
    disc(draw, 10, BLUE)
    cosine, sine = math.cos(angle), math.sin(angle)
    arrow = [(-70, -14), (10, -14), (10, -48), (80, 0), (10, 48), (10, 14), (-70, 14)]
    turned = [(CENTRE + x * cosine - y * sine, CENTRE + x * sine + y * cosine) for x, y in arrow]
    draw.polygon(turned, fill=WHITE)
    return image


def priority(radius):
    image, draw = canvas()
    draw.polygon(regular_polygon(4, 126, 0), fill=WHITE)
    draw.polygon(regular_polygon(4, 118, 0), outline=BLACK)
    draw.polygon(regular_polygon(4, radius, 0), fill=YELLOW)
    return image


def parking(size):
    image, draw = canvas()
    draw.rounded_rectangle((10, 10, 246, 246), 22, fill=WHITE)
    draw.rounded_rectangle((19, 19, 237, 237), 16, fill=BLUE)
    write(draw, "P", size, WHITE)
    return image


def templates():
    """The templates of every class: a list for each of NAMES."""
    symbols = [draw_exclamation, draw_crossing, draw_bend, draw_pedestrian]
    by_class = {
        STOP: [stop(text) for text in ("STOP", "STOP", "ARRET", "ALTO")],
        YIELD: [give_way(width) for width in (34, 42)],
        NO_ENTRY: [no_entry(half_height) for half_height in (22, 27)],
        SPEED_LIMIT: [speed_limit(value) for value in (20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 130)],
        WARNING: [warning(symbol, ground) for symbol in symbols for ground in (WHITE, YELLOW)],
        MANDATORY: [mandatory(math.pi * turn) for turn in (0, 1, -1 / 2, 1 / 4, 3 / 4)],
        PRIORITY: [priority(radius) for radius in (64, 78)],
        PARKING: [parking(size) for size in (170, 190)],
    }
    return [[numpy.array(image) for image in by_class[index]] for index in range(len(NAMES))]


def distractors():
    """Plain coloured shapes and lettered boards, which are no signs."""
    colours = [RED, BLUE, YELLOW, WHITE, GREEN, BLACK]
    images = []
    for corners in (0, 3, 4, 5, 6, 8):
        for colour in colours:
            image, draw = canvas()
            if corners == 0:
                disc(draw, 3, colour)
            else:
                draw.polygon(regular_polygon(corners, 124, math.pi / 6 * corners), fill=colour)
            images.append(image)
    for text in ("EXIT", "SALE", "A", "7", "OPEN", "45", "B2", "X"):
        image, draw = canvas()
        draw.rectangle((6, 60, 250, 196), fill=colours[len(images) % 6])
        write(draw, text, 84, colours[(len(images) + 3) % 6])
        images.append(image)
        image, draw = canvas()
        write(draw, text, 84, colours[len(images) % 6])
        images.append(image)
    return [numpy.array(image) for image in images]
