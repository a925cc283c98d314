"""Control maps made of a picture by a detector. Must not know who asks, nor what becomes of a map.

The picture is first brought to the size of the image (scaled to cover it, its middle kept), so that a map lies on what
it was made of. The same pixels and settings give the same map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, did_you_mean, error

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

EXTRA = "pip install 'calotype[control]'"
Detector = Callable[["Pixels", Mapping[str, Any], Path | None], "Pixels"]


def draw(components: Mapping[str, Any], inputs: Mapping[str, Path]) -> Pixels:
    """The map that `language.condition.from_picture` asks for. Raises Problem for a detector that is unknown, lacks its
    weights, or whose packages are not installed."""
    settings = components["preprocessor"]
    detector = DETECTORS.get(settings["name"])
    if detector is None:
        hint = did_you_mean(settings["name"], sorted(DETECTORS)) or f"there are {', '.join(sorted(DETECTORS))}"
        raise Problem(error("unknown-detector", f"there is no detector `{settings['name']}`", hint=hint))
    weights = settings.get("weights")
    if weights is not None and weights not in inputs:
        message = f"the weights of the detector `{settings['name']}` are not on this machine"
        raise Problem(error("weights-missing", message, hint="`calotype models list` tells which are missing"))
    picture = _fitted(inputs[components["pixels"]], tuple(components["size"]))
    try:
        return detector(picture, settings, inputs.get(weights) if weights else None)
    except ImportError as lacking:
        message = f"the detector `{settings['name']}` needs a package that is not installed: {lacking.name}"
        raise Problem(error("package-missing", message, hint=EXTRA)) from lacking


def _fitted(path: Path, size: tuple[int, int]) -> Pixels:
    from PIL import Image, ImageOps

    from calotype.ground.images import eight_bit, open_image

    picture = eight_bit(open_image(path)).convert("RGB")
    return picture if picture.size == size else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _canny(picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
    """Edges as Canny finds them (1986): `low` and `high` are the thresholds of its hysteresis."""
    import cv2
    import numpy as np
    from PIL import Image

    edges = cv2.Canny(np.asarray(picture), settings.get("low", 100), settings.get("high", 200))
    return Image.fromarray(edges).convert("RGB")


def _openpose(picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
    """The figures in the picture, by OpenPose's networks: body, and hands and face if the settings say so."""
    import numpy as np
    from PIL import Image

    from calotype.workers.condition.openpose import detector, drawn

    assert weights is not None
    hands, face = settings.get("hands", True), settings.get("face", True)
    found = detector(weights, hands, face).detect_poses(np.asarray(picture), hands, face)
    return Image.fromarray(drawn(found, picture.size, hands, face))


def _midas(picture: Pixels, settings: Mapping[str, Any], weights: Path | None) -> Pixels:
    """Depth from one picture by a dense prediction transformer (MiDaS' DPT): near is bright."""
    import numpy as np
    from PIL import Image

    from calotype.workers.condition.midas import depth

    assert weights is not None
    near = depth(picture, weights)
    low, high = float(near.min()), float(near.max())
    scaled = np.rint((near - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    return Image.fromarray(scaled).convert("RGB")


DETECTORS: Mapping[str, Detector] = {"canny": _canny, "openpose": _openpose, "midas": _midas}
