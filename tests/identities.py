"""Pictures and files held against a character by one identity method, as an executor would have it done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from calotype.ground.digest import sha256_file
from calotype.ground.images import digest_of
from calotype.language.identity import Identity
from calotype.models import weight_files
from calotype.workers.protocol import Request, Scored


@dataclass
class Library:
    """Stands for an image: digests of pictures and files that lie in `folder`. `inputs` says where each lies."""

    folder: Path
    inputs: dict[str, Path] = field(default_factory=dict)

    def pixels(self, path: str) -> str:
        digest = digest_of(Image.open(self.folder / path))
        self.inputs[digest] = self.folder / path
        return digest

    def digest(self, path: str) -> str:
        digest = sha256_file(self.folder / path)
        self.inputs[digest] = self.folder / path
        return digest

    def weights(self, model: Any) -> str:
        place = weight_files.locate(self.folder, model)
        assert place is not None, model
        digest = weight_files.digest(place, model.variant, sha256_file)
        self.inputs[digest] = place
        return digest

    def put(self, name: str, picture: Image.Image) -> str:
        """Its path."""
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        return f"{name}.png"

    def request(self, method: Any, picture: Image.Image, **identity: Any) -> Request:
        """What the method is asked of a picture; `identity` as of the dataclass."""
        pixels = self.pixels(self.put(f"asked_{digest_of(picture)[:10]}", picture))
        given = {"character": "ann", "method": method.name, "references": (), **identity}
        request: Request = method.request(Identity(**given), self, pixels)
        return request

    def perform(self, method: Any, requests: Sequence[Request]) -> list[Scored]:
        outcomes = list(method.perform(requests, self.inputs, lambda: False))
        return sorted(outcomes, key=lambda outcome: int(outcome.index))

    def ask(self, method: Any, picture: Image.Image, **identity: Any) -> Scored:
        return self.perform(method, [self.request(method, picture, **identity)])[0]
