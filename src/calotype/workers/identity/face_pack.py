"""A pack of face models as insightface reads them: a folder with a detector and a recogniser (ONNX).

insightface fetches a pack that it does not find; it is only ever handed a folder that is there.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.models.onnx_file import ONNX, read_fields

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

SIZES = [(128, 128), (640, 640)]
"""What pictures are scaled to for the detector: at the larger size it misses a face that fills the picture. A detector
of one fixed size has that."""
CERTAINTY = 0.5
"""The least of a face, insightface's own."""
_MODULES = ["detection", "recognition"]
_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


class FacePack:
    """The models of a folder, loaded. `width` is how many numbers an embedding has."""

    def __init__(self, analysis: Any, folder: Path) -> None:
        self._analysis, self._folder = analysis, folder
        self.width = self._measured()

    def embeddings(self, picture: Pixels) -> Any:
        """(faces, width), the largest face first. `picture` is RGB; insightface reads BGR, and finds nothing else."""
        import numpy as np

        bgr = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            faces = self._analysis.get(bgr)
        faces = [face for face in faces if np.isfinite(face.embedding).all() and face.embedding.any()]
        faces.sort(key=lambda face: (-_area(face.bbox), *map(float, face.bbox)))
        return np.stack([face.embedding for face in faces]) if faces else np.empty((0, self.width))

    def _measured(self) -> int:
        recogniser = self._analysis.models["recognition"]
        width = recogniser.output_shape[-1]
        if isinstance(width, int):
            return width
        import numpy as np

        blank = np.zeros((*recogniser.input_size[::-1], 3), np.uint8)
        return int(recogniser.get_feat(blank).size)


def providers(device: str, available: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """onnxruntime's providers with their options, the best first, for `models: {device: ...}`: `auto`, `cpu`, `mps`,
    `cuda` or `cuda:N`. The CPU is one wherever CUDA is not among those `available`."""
    kind, _, number = device.partition(":")
    cuda = [(_CUDA, {"device_id": number or "0"})] if kind in ("auto", "cuda") and _CUDA in available else []
    return [*cuda, (_CPU, {})]


@lru_cache(maxsize=1)
def face_pack(folder: Path, digest: str, device: str = "auto") -> FacePack:
    """The pack in `folder`, whose weights have that digest, on `device`. Raises Problem where it is damaged, or
    recognises nobody."""
    files = sorted(path for path in folder.glob(f"*{ONNX}")) if folder.is_dir() else []
    if not files:
        raise _unfit(folder, "holds no ONNX model", _nested(folder))
    for path in files:
        try:
            read_fields(path)
        except (ValueError, OSError) as reason:
            raise _damaged(folder, path, str(reason)) from None
    analysis = _analysis(folder, device)
    if "recognition" not in analysis.models:
        raise _unfit(folder, "recognises nobody: none of its models makes an embedding of a face")
    if not getattr(analysis.det_model, "use_kps", False):
        raise _unfit(folder, "finds faces without their eyes and mouths, by which a face is aligned")
    return FacePack(analysis, folder)


def _analysis(folder: Path, device: str) -> Any:
    import onnxruntime
    from insightface.app import FaceAnalysis

    names, options = zip(*providers(device, onnxruntime.get_available_providers()), strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            analysis = FaceAnalysis(str(folder.resolve()), allowed_modules=_MODULES, providers=list(names),
                                    provider_options=list(options))
            analysis.prepare(0, det_thresh=CERTAINTY, det_size=SIZES)
        except AssertionError as failure:
            raise _unfit(folder, "finds no faces: none of its models is a detector", _nested(folder)) from failure
        except Exception as failure:  # onnxruntime's own classes of errors have no common name
            raise _unfit(folder, f"cannot be loaded: {_words(failure)}") from failure
    return analysis


def _area(box: Any) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _nested(folder: Path) -> str:
    """Where the models lie that were packed a folder deeper, as those of antelopev2 are."""
    inner = sorted({path.parent.name for path in folder.glob(f"*/*{ONNX}")}) if folder.is_dir() else []
    return f"its models lie deeper: name `{folder.name}/{inner[0]}`" if inner else ""


def _unfit(folder: Path, detail: str, hint: str = "") -> Problem:
    return Problem(error("weights-unfit", f"the pack `{folder.name}` {detail}",
                         hint=hint or "take a whole pack of insightface, such as buffalo_l, or AuraFace"))


def _damaged(folder: Path, path: Path, reason: str) -> Problem:
    return Problem(error("weights-damaged", f"`{path.name}` of the pack `{folder.name}` {reason}",
                         hint="fetch or copy it again"))


def _words(failure: Exception) -> str:
    lines = str(failure).strip().splitlines()
    return lines[0] if lines else type(failure).__name__
