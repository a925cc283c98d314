"""OpenPose's networks as controlnet_aux builds them, with weights from safetensors.

The weights are published as pickles, under a licence for non-commercial use; they are converted once by whoever may use
them. A map from the image's own pose needs none of this.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error

FILES = {"body": "body_pose_model", "hands": "hand_pose_model", "face": "facenet"}


@lru_cache(maxsize=1)
def detector(folder: Path, digest: str, hands: bool, face: bool) -> Any:
    """The detector with the networks in `folder`; `digest` is theirs: others may come to lie there.

    Raises Problem where a file of it is not there or does not fit.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from controlnet_aux.open_pose import OpenposeDetector
        from controlnet_aux.open_pose.body import Body
        from controlnet_aux.open_pose.face import Face, FaceNet, params
        from controlnet_aux.open_pose.hand import Hand
        from controlnet_aux.open_pose.model import bodypose_model, handpose_model

    body = _with(Body, bodypose_model(), folder, "body")
    hand = _with(Hand, handpose_model(), folder, "hands") if hands else None
    faces = _with(Face, FaceNet(), folder, "face", renamed=False) if face else None
    if faces is not None:
        faces.inference_size, faces.sigma = params["inference_img_size"], params["gaussian_sigma"]
        faces.threshold = params["heatmap_peak_thresh"]
    return OpenposeDetector(body, hand, faces)


def drawn(poses: Any, size: tuple[int, int], hands: bool, face: bool) -> Any:
    """The map of `poses`: (height, width, 3), 8 bit."""
    from controlnet_aux.open_pose import draw_poses

    return draw_poses(poses, size[1], size[0], draw_body=True, draw_hand=hands, draw_face=face)


def _with(kind: Any, model: Any, folder: Path, part: str, renamed: bool = True) -> Any:
    """An estimator around `model`. Its own constructor would unpickle; ours reads safetensors."""
    tensors = tensors_in(folder, FILES[part])
    try:
        # The body and hand networks were published without the names of their outermost modules.
        state = {name: tensors[name.partition(".")[2]] for name in model.state_dict()} if renamed else tensors
        if len(state) != len(tensors):
            raise KeyError(*sorted(tensors)[:1])
        model.load_state_dict(state)
    except (KeyError, RuntimeError) as failure:
        raise Problem(error("weights-unfit", f"`{FILES[part]}.safetensors` is not OpenPose's network of the {part}",
                            hint="convert the published file again")) from failure
    estimator = object.__new__(kind)
    estimator.model = model.eval()
    return estimator


def tensors_in(folder: Path, name: str) -> Mapping[str, Any]:
    """The tensors of `name`.safetensors in `folder`. Raises Problem where it is not there, or is a pickle."""
    from safetensors.torch import load_file

    path = folder / f"{name}.safetensors"
    if path.is_file():
        return load_file(path)
    if (folder / f"{name}.pth").is_file():
        raise Problem(error("pickle-refused", f"`{name}.pth` is a pickle, which can run any program when it is loaded",
                            hint="convert it to safetensors: docs/controls.md says how"))
    raise Problem(error("weights-missing", f"`{folder.name}` has no `{name}.safetensors`", hint="see docs/controls.md"))
