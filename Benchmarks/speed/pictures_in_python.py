# SPDX-License-Identifier: Apache-2.0
"""From a file to the network's input, and from heat to the overlay, as people do it with OpenCV."""

import cv2
import numpy
import torch
from networks import Preparation

OPACITY, QUALITY = 0.5, 90


class Pictures:
    def __init__(self, preparation: Preparation, layout: torch.memory_format):
        self.preparation, self.layout = preparation, layout
        # (value / 255 - mean) / std
        self.scale = (1 / (255 * numpy.array(preparation.std))).astype(numpy.float32)
        self.shift = (-numpy.array(preparation.mean) / numpy.array(preparation.std)).astype(numpy.float32)

    def tensor(self, picture: numpy.ndarray) -> torch.Tensor:
        small = cv2.cvtColor(self.fitted(picture), cv2.COLOR_BGR2RGB)
        values = small * self.scale + self.shift
        return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous(memory_format=self.layout)

    def fitted(self, picture: numpy.ndarray) -> numpy.ndarray:
        side, crop = self.preparation.side, self.preparation.crop
        height, width = picture.shape[:2]
        if crop is not None:
            # Cut first: what is cut off need not be scaled.
            cut = round(min(height, width) * crop)
            left, top = (width - cut) // 2, (height - cut) // 2
            return cv2.resize(picture[top : top + cut, left : left + cut], (side, side), interpolation=cv2.INTER_AREA)
        left, top, scaled = self.letterbox(picture)
        canvas = numpy.full((side, side, 3), 114, numpy.uint8)
        interpolation = cv2.INTER_AREA if max(picture.shape[:2]) > side else cv2.INTER_LINEAR
        canvas[top : top + scaled[1], left : left + scaled[0]] = cv2.resize(picture, scaled, interpolation=interpolation)
        return canvas

    def letterbox(self, picture: numpy.ndarray) -> tuple[int, int, tuple[int, int]]:
        side = self.preparation.side
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        scaled = (round(width * scale), round(height * scale))
        return (side - scaled[0]) // 2, (side - scaled[1]) // 2, scaled

    def overlay(self, picture: numpy.ndarray, heat: numpy.ndarray) -> numpy.ndarray:
        """`heat`: 0 to 1 on the input's or a coarser grid."""
        levels = (heat * 255).astype(numpy.uint8)
        height, width = picture.shape[:2]
        crop = self.preparation.crop
        if crop is None:
            side = self.preparation.side
            left, top, scaled = self.letterbox(picture)
            levels = cv2.resize(levels, (side, side))[top : top + scaled[1], left : left + scaled[0]]
            levels = cv2.resize(levels, (width, height))
        else:
            cut = round(min(height, width) * crop)
            left, top = (width - cut) // 2, (height - cut) // 2
            whole = numpy.zeros((height, width), numpy.uint8)
            whole[top : top + cut, left : left + cut] = cv2.resize(levels, (cut, cut))
            levels = whole
        return cv2.addWeighted(picture, 1 - OPACITY, cv2.applyColorMap(levels, cv2.COLORMAP_JET), OPACITY, 0)

    def overlay_of_boxes(self, picture: numpy.ndarray, found: list) -> numpy.ndarray:
        """The hottest of all maps in each place, and the boxes."""
        side = self.preparation.side
        hottest = numpy.zeros((side, side), numpy.float32)
        for _, _, heat, _ in found:
            numpy.maximum(hottest, cv2.resize(heat, (side, side)), out=hottest)
        overlay = self.overlay(picture, hottest)
        left, top, scaled = self.letterbox(picture)
        gain = picture.shape[1] / scaled[0]
        for label, score, _, (x, y, width, height) in found:
            first = (int((x - left) * gain), int((y - top) * gain))
            last = (int((x + width - left) * gain), int((y + height - top) * gain))
            cv2.rectangle(overlay, first, last, (0, 255, 0), 2)
            cv2.putText(overlay, f"{label} {score:.2f}", first, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 255, 0), 2)
        return overlay


def write(overlay: numpy.ndarray, path: str) -> None:
    if not cv2.imwrite(path, overlay, [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise OSError(f"cannot write {path}")
