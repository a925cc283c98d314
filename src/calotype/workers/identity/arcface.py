"""Faces by ArcFace: Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019.

A face is found, aligned and embedded by the ONNX models of one pack, with insightface. Of several faces in a picture
the one counts that is most alike; of a reference, the largest. A picture without a face tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.weights import Model
from calotype.workers.identity.method import Method
from calotype.workers.identity.space import Cosines
from calotype.workers.protocol import Tell

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.identity import Identity
    from calotype.language.image import Image


class ArcFace(Method):
    """`similarity` is the cosine of two embeddings: above 0.6 it is mostly one person. It works on the device that
    `models: {device: ...}` names, if onnxruntime knows it; else on the CPU."""

    name = "arcface"
    space = Cosines()
    weights = "pack"
    packages = {"insightface": "insightface", "onnxruntime": "onnxruntime"}
    unseen = "no face is found"
    section = "models"

    def __init__(self) -> None:
        super().__init__()
        self._device = "auto"

    def configure(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._device = settings.get("device", "auto")

    def weighed(self, identity: Identity, image: Image) -> str:
        pack = identity.settings.get("pack")
        if not pack:
            raise Problem(error(
                "no-pack", f"the faces of `{identity.character}` cannot be compared: no pack of models is named",
                file="calotype.yaml", hint="name one: `identity: {pack: models/auraface}`; or take another method"))
        return image.weights(Model(pack))

    def width(self, model: Path | None, digest: str) -> int:
        from calotype.workers.identity.face_pack import face_pack

        assert model is not None
        return face_pack(model, digest, self._device).width

    def look(self, picture: Pixels, model: Path | None, digest: str) -> Any:
        """The embeddings of the faces, the largest face first."""
        from calotype.workers.identity.face_pack import face_pack

        assert model is not None
        return face_pack(model, digest, self._device).embeddings(picture)

    def close(self) -> None:
        from calotype.workers.identity.face_pack import face_pack

        super().close()
        face_pack.cache_clear()
