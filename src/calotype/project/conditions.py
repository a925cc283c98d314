"""Control maps of images: known ones are looked up, missing ones drawn. Must not know what for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

from calotype.language.action import Action
from calotype.project.inputs import Inputs
from calotype.store.cas import Cas
from calotype.store.results import Own, Results
from calotype.workers.plugins import Registry


class Conditions:
    def __init__(self, cas: Cas, results: Results, inputs: Inputs, registry: Registry) -> None:
        self._cas, self._results, self._inputs, self._registry = cas, results, inputs, registry

    def pixels(self, action: Action, own: Own) -> str | None:
        """The pixel digest of a map, None where nobody knows."""
        made = self._results.get_many([action.key], own).get(action.key)
        return made.output if made is not None else None

    def provide(self, actions: Iterable[Action]) -> None:
        """Sees to it that the maps can be read: what is neither known nor kept is drawn, and durable on return."""
        for action in actions:
            made = self._results.get_many([action.key], {}).get(action.key)
            if made is None or made.blob is None or not made.at_hand:
                pixels, blob = self._draw(action)
            else:
                pixels, blob = made.output, made.blob
            self._inputs.hold(pixels, self._cas.path(blob))

    def _draw(self, action: Action) -> tuple[str, str]:
        from calotype.ground.images import digest_of
        from calotype.workers.condition import conditioner_of
        from calotype.workers.protocol import Rendered

        components = json.loads(action.components)
        conditioner = self._registry.conditioner(conditioner_of(components))
        [outcome] = conditioner.perform([components], self._inputs.files([components]), lambda: False)
        assert isinstance(outcome, Rendered)
        picture = outcome.pixels
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        blob, pixels = self._cas.put(file.getvalue()), digest_of(picture)
        width, height = picture.size
        outputs = {"blob": blob, "pixels": pixels, "mode": picture.mode, "width": width, "height": height}
        self._results.record([(action.key, action.kind, action.components, outputs, {})])
        return pixels, blob
