"""The model card: `NAME.yaml` beside `NAME.torchscript` says what a TorchScript file does not say about itself."""

import dataclasses
import json

RESIZE_MODES = ["stretch", "shorter-side-and-center-crop", "letterbox"]


@dataclasses.dataclass
class ModelCard:
    name: str
    width: int = 224
    height: int = 224
    channels: int = 3
    resize: str = "shorter-side-and-center-crop"
    crop_fraction: float = 0.875
    """The share of the shorter side that the crop keeps."""
    mean: list = dataclasses.field(default_factory=lambda: [0.485, 0.456, 0.406])
    std: list = dataclasses.field(default_factory=lambda: [0.229, 0.224, 0.225])
    """Of pixels from 0 to 1. The defaults are those of most networks trained on ImageNet."""
    labels: list = dataclasses.field(default_factory=list)
    target_layer: str = ""
    license: str = ""
    source: str = ""

    def yaml(self):
        """The card as YAML. Texts are in JSON's quotes, which are YAML's double quotes too."""
        resize = {"mode": self.resize}
        if self.resize == "shorter-side-and-center-crop":
            resize["crop_fraction"] = self.crop_fraction
        resize["interpolation"] = "area"
        if self.resize == "letterbox":
            resize["padding"] = 114
        lines = [
            f"name: {quoted(self.name)}",
            "task: classification",
            f"input: {{width: {self.width}, height: {self.height}, channels: {self.channels}}}",
            "resize: {" + ", ".join(f"{key}: {value}" for key, value in resize.items()) + "}",
            f"normalization: {{mean: {numbers(self.mean)}, std: {numbers(self.std)}}}",
            "activation: auto",
        ]
        if self.target_layer:
            lines.append(f"target_layers: [{quoted(self.target_layer)}]")
        if self.license:
            lines.append(f"license: {quoted(self.license)}")
        if self.source:
            lines.append(f"source: {quoted(self.source)}")
        if self.labels:
            lines.append("labels:")
            lines += [f"  - {quoted(label)}" for label in self.labels]
        return "\n".join(lines) + "\n"


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def numbers(values):
    return "[" + ", ".join(f"{value:.6g}" for value in values) + "]"
