"""Likenesses as actions: one for each character that an image shows, and each distinct picture of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calotype.actions.kinds import NO_PICTURE, Known, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.light_dataclass import replace
from calotype.language.action import Action, make
from calotype.language.identity import Identity
from calotype.language.image import Image
from calotype.language.judging.judged import Judged, read
from calotype.project.inputs.missing_weights import WeightsMissing
from calotype.project.inputs.probing import probing
from calotype.project.workspace import Workspace
from calotype.store.results import Made

if TYPE_CHECKING:
    from calotype.workers.protocol import Request, Worker


class Likeness(WorkerKind):
    """Its output is the similarity, -1 to 1, as `judged` writes it."""

    name = "identity"
    phase: Phase = "score"
    stage = 4
    leaves_file = False
    group = "identity"
    code = "identity-failed"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._absent: set[str] = set()

    def expects(self, state: Known) -> int:
        identities = self._identities(state.image, state.pick)
        if not identities:
            return 0
        keys = {action.key for action in state.candidates or state.drafts}
        return 0 if state.decided else len(keys) * len(identities)

    def wanted(self, state: Known) -> Wanted:
        if not state.image.identities or state.decided:
            return Wanted()
        upstream = next((target for target in compared_with(state.image) if state.pick(target) is None), None)
        if upstream is not None:
            return Wanted(upstream=upstream)
        identities = self._identities(state.image, state.pick)
        results = map(state.made, (action.key for action in state.candidates))
        pictures = dict.fromkeys(made.output for made in results if made is not None)
        return Wanted(tuple(self._actions(identities, state.image, pictures)))

    def _actions(
        self, identities: Iterable[Identity], image: Image, pictures: Iterable[str]
    ) -> Iterator[Action]:
        """Each names the character by its place among those of the image: a key holds no names."""
        places = {identity.character: place for place, identity in enumerate(image.identities)}
        for pixels in pictures:
            for identity in identities:
                request = self._request(identity, image, pixels)
                if request is not None:
                    yield make(self.name, {**request, "place": places[identity.character]})

    def every_action(
        self, image: Image, pictures: Iterable[str], pick: Callable[[str], str | None]
    ) -> Iterator[Action]:
        """What the pictures of an image would be held against, whoever decided of it; `pick` tells what stands for a
        target. Raises Problem where weights are missing."""
        yield from self._actions(self._identities(image, pick), image, pictures)

    def _identities(self, image: Image, pick: Callable[[str], str | None]) -> tuple[Identity, ...]:
        """Those that pictures of the target are held against: none of a character that nothing is known of yet."""
        if not image.identities:
            return ()
        for identity in image.identities:
            self._workspace.identity(identity.method)  # one that there is not is told before anything is rendered
        each = (known(identity, image, pick) for identity in image.identities)
        return tuple(identity for identity in each if (identity.references or identity.anchors) and self._counts(
            identity, image))

    def _counts(self, identity: Identity, image: Image) -> bool:
        """One that nobody has written counts where its weights are, and the picture may show somebody else at all."""
        if identity.written:
            return True
        exact = bool(getattr(self._workspace.renderer(image.renderer), "exact", False))
        return not exact and identity.method not in self._absent

    def will_ask(self, image: Image) -> Iterator[Action]:
        known_ones = (replace(identity, anchors=identity.anchors or (NO_PICTURE,)) for identity in image.identities)
        identities = [identity for identity in known_ones if self._counts(identity, image)]
        yield from self._actions(identities, image, [NO_PICTURE])

    def _request(self, identity: Identity, image: Image, pixels: str) -> Request | None:
        try:
            with probing(self._workspace.inputs, assumes=identity.written):
                return self._workspace.identity(identity.method).request(identity, image, pixels)
        except WeightsMissing:
            if identity.written:
                raise
            self._absent.add(identity.method)
            return None

    def lacks(self, action: Action) -> dict[Diagnostic, str]:
        """What is here and not whole too: no picture is to be made that cannot be compared."""
        lacking = super().lacks(action)
        try:
            self._workspace.inputs.prove(self.request(action))
        except Problem as damaged:
            lacking |= dict.fromkeys(damaged.diagnostics, "")
        return lacking

    def request(self, action: Action) -> Mapping[str, Any]:
        components: dict[str, Any] = json.loads(action.components)
        return components

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        return self._workspace.registry.identity(str(request["identity"]))


def compared_with(image: Image) -> tuple[str, ...]:
    """The targets whose picks its pictures are held against: the anchor that a variation starts from, whether its
    renderer reads that or not, where a character names no references."""
    held = image.kind == "variation" and any(not identity.references for identity in image.identities)
    return image.starts_from if held else ()


def known(identity: Identity, image: Image, pick: Callable[[str], str | None]) -> Identity:
    """The identity with the picture of the anchor that an image starts from, where it names no references."""
    if identity.references or image.kind != "variation":
        return identity
    anchors = tuple(pixels for pixels in map(pick, image.starts_from) if pixels is not None)
    return replace(identity, anchors=anchors)


Likenesses = Mapping[str, Mapping[str, Judged]]
"""Pixel digest -> the id of a character -> how like it the picture is."""


def likenesses_of(image: Image, used: Iterable[tuple[Action, Made]]) -> Likenesses:
    """The likenesses among what planning an image used."""
    likenesses: dict[str, dict[str, Judged]] = {}
    for action, made in used:
        if action.kind == Likeness.name:
            components = json.loads(action.components)
            character = image.identities[components["place"]].character
            likenesses.setdefault(components["pixels"], {})[character] = read(made.output)
    return likenesses


def strangers(image: Image, likenesses: Likenesses) -> Iterator[tuple[str, str]]:
    """The pictures that do not show a character of the image, each with the reason."""
    thresholds = {identity.character: identity.threshold for identity in image.identities}
    for pixels, of_characters in likenesses.items():
        for character, judged in of_characters.items():
            least = thresholds.get(character)
            least = judged.own if least is None else least
            if judged.value is not None and least is not None and judged.value < least:
                digits = 2 if f"{judged.value:.2f}" != f"{least:.2f}" else 3
                yield pixels, f"not {character}: likeness {judged.value:.{digits}f}, below {least:.{digits}f}"
                break


def untold(likenesses: Likenesses) -> set[str]:
    """The pictures of which some likeness is not told, since nothing in them tells it."""
    return {pixels for pixels, of_characters in likenesses.items()
            if any(judged.value is None for judged in of_characters.values())}


def uncalibrated(image: Image, of_characters: Mapping[str, Judged]) -> Iterator[str]:
    """The characters whose threshold is to come from their references, which are too few to tell one: nothing is kept
    out on their account."""
    for identity in image.identities:
        judged = of_characters.get(identity.character)
        if identity.threshold is None and judged is not None and judged.value is not None and judged.own is None:
            yield identity.character


def unknown_looks(image: Image) -> Iterator[str]:
    """The characters that an image should be held against, and that nothing is known of: neither references nor, in a
    variation, the anchor that it starts from. An anchor is the first picture that there is."""
    if image.kind not in ("anchor", "variation"):
        yield from (identity.character for identity in image.identities if identity.written and not identity.references)
