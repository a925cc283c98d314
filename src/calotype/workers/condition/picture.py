"""Control maps made of a picture by a detector. They know nothing of what becomes of a map.

The picture is first brought to the size of the image (scaled to cover it, its middle kept), so that a map lies on what
it was made of. The same pixels and settings give the same map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.condition import EPOCH
from calotype.workers.protocol import Cancel, Estimate, Inputs, Lane, Rendered, Request, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

EXTRA = "pip install 'calotype[control]'"


class Detector:
    """What the built-in detectors share. Requests are those of `language.condition.from_picture`."""

    name: str
    epoch = EPOCH
    lane: Lane = "cpu"
    packages: Mapping[str, str] = {}
    """The modules that it imports, and what people call their packages."""
    needs_weights = False

    def affinity(self, request: Request) -> tuple[str, ...]:
        weights = request["preprocessor"].get("weights")
        return (self.name, weights) if weights else (self.name,)

    def estimate(self, request: Request) -> Estimate:
        width, height = request["size"]
        return Estimate(seconds=(5.0 if self.needs_weights else 0.05) * width * height / 1024**2)

    def unavailable_reason(self) -> tuple[str, str] | None:
        from importlib.util import find_spec

        lacking = [package for module, package in self.packages.items() if find_spec(module) is None]
        return (f"{', '.join(lacking)} not installed", EXTRA) if lacking else None

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Rendered]:
        for index, request in enumerate(batch):
            if cancel():
                return
            yield Rendered(index, self._map(request, inputs))

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        """The map of `picture`, 8-bit RGB of its size."""
        raise NotImplementedError

    def _map(self, request: Request, inputs: Inputs) -> Pixels:
        settings = request["preprocessor"]
        weights = settings.get("weights")
        if (weights is None and self.needs_weights) or (weights is not None and weights not in inputs):
            message = f"the weights of the detector `{self.name}` are not on this machine"
            raise Problem(error("weights-missing", message, hint="`calotype models list` tells which are missing"))
        picture = _fitted(open_input(inputs, request["pixels"]), tuple(request["size"]))
        try:
            return self.detect(picture, settings, inputs[weights] if weights else None)
        except ImportError as lacking:
            message = f"the detector `{self.name}` needs a package that is not installed: {lacking.name}"
            raise Problem(error("package-missing", message, hint=EXTRA)) from lacking


class Canny(Detector):
    """Edges as Canny finds them (1986): `low` and `high` are the thresholds of its hysteresis."""

    name = "canny"
    packages = {"cv2": "opencv-python-headless"}

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        import cv2
        import numpy as np
        from PIL import Image

        edges = cv2.Canny(np.asarray(picture), settings.get("low", 100), settings.get("high", 200))
        return Image.fromarray(edges).convert("RGB")


class OpenPose(Detector):
    """The figures in the picture, by OpenPose's networks: body, and hands and face if the settings say so."""

    name = "openpose"
    lane: Lane = "device"
    packages = {"controlnet_aux": "controlnet_aux", "torch": "torch", "safetensors": "safetensors"}
    needs_weights = True

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        import numpy as np
        from PIL import Image

        from calotype.workers.condition.openpose import detector, drawn

        assert weights is not None
        hands, face = settings.get("hands", True), settings.get("face", True)
        poses = detector(weights, settings["weights"], hands, face).detect_poses(np.asarray(picture), hands, face)
        return Image.fromarray(drawn(poses, picture.size, hands, face))


class Midas(Detector):
    """Depth from one picture by a dense prediction transformer (MiDaS' DPT): near is bright."""

    name = "midas"
    lane: Lane = "device"
    packages = {"torch": "torch", "transformers": "transformers"}
    needs_weights = True
    model_type = "dpt"

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        import numpy as np
        from PIL import Image

        from calotype.workers.condition.midas import depth

        assert weights is not None
        near = depth(picture, weights, settings["weights"], self.model_type)
        low, high = float(near.min()), float(near.max())
        scaled = np.rint((near - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
        return Image.fromarray(scaled).convert("RGB")


class DepthAnything(Midas):
    """Depth from one picture by a Depth Anything (Yang et al., 2024): near is bright."""

    name = "depth_anything"
    model_type = "depth_anything"


class Hed(Detector):
    """Soft edges, by the network for HED that ControlNets for soft edges were trained with."""

    name = "hed"
    lane: Lane = "device"
    packages = OpenPose.packages
    needs_weights = True

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        from calotype.workers.condition.hed import soft_edges

        assert weights is not None
        return soft_edges(picture, weights, settings["weights"])


class VitPose(Detector):
    """The figure in the picture by a ViTPose of transformers, drawn as that of a pose is. `profile` is how wide its
    limbs are."""

    name = "vitpose"
    lane: Lane = "device"
    packages = {"torch": "torch", "torchvision": "torchvision", "transformers": "transformers", "scipy": "scipy"}
    needs_weights = True

    def detect(self, picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
        from calotype.workers.condition.vitpose import look
        from calotype.workers.render.mannequin.maps import openpose

        assert weights is not None
        return openpose(look(picture, weights, settings["weights"]).document(), settings.get("profile", "openpose"))


def _fitted(picture: Pixels, size: tuple[int, int]) -> Pixels:
    from calotype.ground.images import as_input, fitted

    return fitted(as_input(picture), size)
