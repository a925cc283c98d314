"""The weights that a project may not make images with, by its `policy`. Must not know what any of them is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.folders import MARKER
from calotype.language.spec import Pointer
from calotype.language.weights import Model
from calotype.language.yaml.document import Document
from calotype.models.embedding_file import SUFFIX
from calotype.plan.planned import Planned
from calotype.project.specs import sources
from calotype.project.workspace import Workspace

if TYPE_CHECKING:
    from calotype.models.licences import Licence, Licences

CODE = "licence"
COMMERCIAL = "commercial"
_POLICY: Pointer = ("policy",)
_NOT_IN = frozenset(("licences", "defaults", "presets", "lint", "policy"))
"""Sections of calotype.yaml that name no weights to be read."""


class LicencePolicy:
    """Tells which weights that images ask for the policy refuses. Under `policy: any` it looks at none."""

    def __init__(self, workspace: Workspace, kinds: Kinds) -> None:
        self._workspace, self._kinds = workspace, kinds
        self._seen: set[str] = set()
        self._read: set[str] = set()

    def refusals(self, planned: Planned, document: Document) -> Iterator[Diagnostic]:
        """An error for each of the weights that no target before asked for, and that may not be used commercially, or
        of which nobody knows: where calotype.yaml, else the spec in `document`, names them, else at `policy`."""
        if self._workspace.shared.config.policy != COMMERCIAL:
            return
        self._take(planned)
        asked = self._workspace.inputs.asked
        unseen = [name for name in asked if name not in self._seen and self._is_used(name)]
        self._seen.update(unseen)
        for name in unseen:
            licence = self._licences.of(name)
            if licence.commercial != "yes" and not name.endswith(SUFFIX):
                yield self._refusal(asked[name], licence, document)

    def _take(self, planned: Planned) -> None:
        """Notes what the pictures of a target are made, and will be judged, with."""
        for action in (*planned.actions[:1], *planned.drafts[:1], *planned.conditions):
            self._read |= action.digests
        for kind in self._kinds:
            with suppress(Problem):  # weights that are not here are told by whoever needs them
                for action in kind.will_ask(planned.image):
                    self._read |= action.digests

    def _is_used(self, name: str) -> bool:
        """A renderer asks for what it reads; a judge may only be asked whether it is here."""
        inputs = self._workspace.inputs
        return name not in inputs.probed or inputs.weights.get(name) in self._read

    @cached_property
    def _licences(self) -> Licences:
        from calotype.models.licences import Licences

        return Licences(self._workspace.shared.config, self._workspace.shared.characters)

    @property
    def _loras(self) -> Mapping[str, Mapping[str, Any]]:
        return self._workspace.shared.config.loras

    @cached_property
    def _config(self) -> Document:
        return sources.document(self._workspace.root, MARKER)

    def _refusal(self, what: Model | str, licence: Licence, document: Document) -> Diagnostic:
        """It names no image, since any that reads the weights may be the first to be met."""
        home, pointer = self._place(what, document)
        lora = next((name for name, lora in self._loras.items() if lora["path"] == what), None)
        called = f"the LoRA `{lora}` (`{what}`)" if lora is not None else f"`{what}`"
        message = f"nobody says whether {called} may be used commercially"
        if licence.commercial == "no":
            message = f"{called} may not be used commercially"
        terms = f"{licence.name} ({licence.note})" if licence.name and licence.note else licence.name or licence.note
        name = lora or (what.name if isinstance(what, Model) else what)
        return home.error(CODE, f"{message}: {terms}" if terms else message, pointer, hint=_hint(name, licence))

    def _place(self, what: Model | str, document: Document) -> tuple[Document, Pointer]:
        """Where the weights are named."""
        for name, lora in self._loras.items():
            if lora["path"] == what and "from" in lora:
                return self._config, ("loras", name, "from")
        names = frozenset((what.name, what.path) if isinstance(what, Model) else (what,))
        sections = {key: value for key, value in self._config.data.items() if key not in _NOT_IN}
        for home, data in ((self._config, sections), (document, document.data)):
            pointer = _where(names, data)
            if pointer is not None:
                return home, pointer
        return self._config, _POLICY


def _hint(name: str, licence: Licence) -> str:
    other = f"take others that may, such as {licence.instead}; or, " if licence.instead else ""
    when = "where you hold a licence that lets you" if licence.commercial == "no" else "once you know that they may"
    return f"{other}{when}, write `licences: {{{name}: {{licence: NAME, commercial: yes}}}}`"


def _where(names: frozenset[str], value: Any, at: Pointer = ()) -> Pointer | None:
    """The place of the first text in `value` that is one of `names`."""
    if isinstance(value, str):
        return at if value in names else None
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    places = (_where(names, part, (*at, key)) for key, part in parts)
    return next((place for place in places if place is not None), None)
