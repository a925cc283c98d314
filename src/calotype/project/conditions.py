"""Control maps of images: known ones are looked up, missing ones drawn. Must not know what for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

from calotype.language.action import Action
from calotype.project.inputs import Inputs
from calotype.results.publish.manifest import Line
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.workers.plugins import Registry


class Conditions:
    def __init__(self, cas: Cas, cache: ActionCache, inputs: Inputs, registry: Registry) -> None:
        self._cas, self._cache, self._inputs, self._registry = cas, cache, inputs, registry

    def pixels(self, action: Action, line: Line | None) -> str | None:
        """The pixel digest of a map: as the cache has it, else as the target's line does; None where nobody knows."""
        result = self._cache.get(action.key)
        if result is not None:
            return str(result.outputs["pixels"])
        found = (one.output for one in line.upstream if one.action == action.key) if line is not None else iter(())
        return next(found, None)

    def provide(self, actions: Iterable[Action]) -> None:
        """Sees to it that the maps can be read: what is neither known nor kept is drawn, and durable on return."""
        for action in actions:
            result = self._cache.get(action.key)
            blob = str(result.outputs["blob"]) if result is not None else None
            if result is None or blob is None or not self._cas.has(blob):
                pixels, blob = self._draw(action)
            else:
                pixels = str(result.outputs["pixels"])
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
        self._cas.sync()
        width, height = picture.size
        outputs = {"blob": blob, "pixels": pixels, "mode": picture.mode, "width": width, "height": height}
        self._cache.put_many([(action.key, action.kind, action.components, outputs, {})])
        return pixels, blob
