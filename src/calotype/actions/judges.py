"""Which scorers judge the pictures of an image, and what each of them weighs. Must not score anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from calotype.actions.kinds import NO_PICTURE
from calotype.ground.digest import sha256
from calotype.ground.light_dataclass import dataclass, field
from calotype.language.action import Action, make
from calotype.language.image import Image
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.scorer_weights import (
    EXACT_WEIGHTS,
    MODEL_WEIGHTS,
    PLAIN_WEIGHTS,
    shares,
    written_weights,
)
from calotype.project.inputs.missing_weights import WeightsMissing
from calotype.project.inputs.probing import probing
from calotype.project.workspace import Workspace
from calotype.workers.plugins import BUILTIN
from calotype.workers.protocol import Request, unavailable_reason

SCORE = "score"
"""The kind of the actions of scorers."""
_NO_PICTURE = NO_PICTURE.encode()
_PLACE = b'"pixels":"' + _NO_PICTURE + b'"'
_PIXELS, _SCORER = re.compile(rb'"pixels":"([0-9a-f]{64})"'), re.compile(rb'"scorer":"([a-z0-9_-]+)"')
"""As canonical JSON writes them: within a text the quotes would be escaped."""
Around = tuple[bytes, bytes]
"""What stands before and after the place of a picture in the components of an action."""


@dataclass(frozen=True, slots=True)
class Panel:
    """`weights` are those of the scorers that order the pictures of an image, `gates` the scorers that may keep one
    out. `absent` says of each scorer that calotype.yaml or the packaged weights name why it is not here. `everywhere`:
    they judge a picture that stands alone as well. `plain`: no scorer that was asked for is here. `shown`: their scores
    help a person who chooses, and count against the threshold. `exact`: the pictures show what they were asked to by
    construction. `written`: calotype.yaml says what becomes of low scores."""

    weights: Mapping[str, float]
    gates: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    everywhere: bool = False
    plain: bool = False
    shown: bool = False
    exact: bool = False
    written: bool = False

    @property
    def ordering(self) -> Ordering:
        """What people are told of who orders."""
        return Ordering(shares(self.weights), self.absent, self.plain, self.written and not self.shown)

    @property
    def gates_alone(self) -> Panel:
        return Panel({}, self.gates)

    def asked(self, pictures: int) -> tuple[str, ...]:
        """The scorers that are asked about each of so many pictures."""
        ranks = pictures > 1 or self.everywhere
        return tuple(dict.fromkeys([*(self.weights if ranks else ()), *self.gates])) if pictures else ()


class Judges:
    """A scorer that lacks its weights, or a package and a manifest that locks its weights, is absent: others order."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._absent: dict[str, str] = {}
        self._present: set[str] = set()
        self._panels: dict[str, Panel] = {}
        self._unasked: set[str] = set()
        self._latest: dict[str, tuple[Request, Around | None]] = {}
        self.scoring: dict[str, Any] = {}
        """Of the first panel that judges anything: `weights`, made to add up to 1, and why scorers are `absent`."""

    def of(self, image: Image) -> Panel:
        """The panel of an image: that of all images of its renderer."""
        self._ask_again(image)
        if image.renderer not in self._panels:
            self._panels[image.renderer] = self._panel(image)
        return self._panels[image.renderer]

    def every_action(self, image: Image, pictures: Sequence[str]) -> Iterator[Action]:
        """What all scorers of the image's panel would be asked about the pictures."""
        panel = self.of(image)
        return self.actions(dict.fromkeys([*panel.weights, *panel.gates]), image, pictures)

    def actions(self, names: Iterable[str], image: Image, pictures: Sequence[str]) -> Iterator[Action]:
        """What the scorers called `names` are asked about the pictures, one picture after the other; nothing of a
        scorer that has nothing to say of the image. A request that names no picture but the one in its `pixels` is made
        once for all pictures."""
        asked = {name: self._request(name, image, NO_PICTURE) for name in names} if pictures else {}
        drafts = {name: self._draft(name, request) for name, request in asked.items() if request is not None}
        for pixels in pictures:
            for name, around in drafts.items():
                action = self._action(name, image, pixels) if around is None else _about(pixels, *around)
                if action is not None:
                    yield action

    def _action(self, name: str, image: Image, pixels: str) -> Action | None:
        request = self._request(name, image, pixels)
        return None if request is None else make(SCORE, request)

    def _draft(self, name: str, request: Request) -> Around | None:
        """See `_around`. Scorers that read the picture alone ask the same of all images."""
        latest = self._latest.get(name)
        if latest is None or latest[0] != request:
            latest = self._latest[name] = request, _around(make(SCORE, request))
        return latest[1]

    def note(self, panel: Panel) -> None:
        """Takes up that the panel judges something."""
        if not self.scoring and (panel.shown or panel.absent):
            weights = {name: round(share, 4) for name, share in panel.ordering.weights.items()}
            self.scoring = {"weights": weights, "absent": dict(panel.absent)}

    def _panel(self, image: Image) -> Panel:
        exact = bool(getattr(self._workspace.renderer(image.renderer), "exact", False))
        written = written_weights(image.scoring)
        named = written or ({} if exact else _known(MODEL_WEIGHTS))
        gates = () if exact else tuple(name for name in self._gates(named) if self._is_here(name, image))
        weights = self._here(named, image)
        plain = bool(named) and not weights
        if not weights:
            weights = self._here(EXACT_WEIGHTS if exact and not written else _known(PLAIN_WEIGHTS), image)
        absent = {name: self._absent[name] for name in named if name in self._absent}
        shown = bool(named and not plain)
        holds = not {"threshold", "strict"}.isdisjoint(image.scoring["written"])
        return Panel(weights, gates, absent, shown and holds, plain, shown, exact, holds)

    def _here(self, weights: Mapping[str, float], image: Image) -> dict[str, float]:
        return {name: weight for name, weight in weights.items() if self._is_here(name, image)}

    def _ask_again(self, image: Image) -> None:
        """Looks anew for scorers that had nothing to say of the images before: a request alone tells whether their
        weights are here, or locked."""
        told = [name for name in self._unasked if self._request(name, image, NO_PICTURE) or name in self._absent]
        if told:
            self._unasked.difference_update(told)
            self._present.difference_update(told)
            self._panels.clear()

    def _is_here(self, name: str, image: Image) -> bool:
        """Whether a scorer can be asked, or its answers of before can be read."""
        if name not in self._present and name not in self._absent:
            request = self._request(name, image, NO_PICTURE)
            reason = unavailable_reason(self._workspace.scorer(name))
            if request is not None and reason is not None and not self._is_locked(request):
                self._absent.setdefault(name, f"{reason[0]}: {reason[1]}")
            elif name not in self._absent:
                self._present.add(name)
                self._unasked |= set() if request is not None else {name}
        return name in self._present

    def _is_locked(self, request: Request) -> bool:
        """Whether the manifest locks weights that the request names: somebody has judged with them here."""
        return not make(SCORE, request).digests.isdisjoint(self._workspace.manifest.weights.values())

    def _request(self, name: str, image: Image, pixels: str) -> Request | None:
        """None where the scorer has nothing to say of the image, or turns out to lack its weights."""
        try:
            with probing(self._workspace.inputs, assumes=name in written_weights(image.scoring)):
                return self._workspace.scorer(name).request(image, pixels)
        except WeightsMissing as missing:
            self._present.discard(name)
            self._absent[name] = missing.diagnostics[0].message
            return None

    def _gates(self, named: Iterable[str]) -> Iterator[str]:
        """The scorers that may keep a picture out: those of Calotype, and plug-ins that calotype.yaml names."""
        for name in dict.fromkeys([*BUILTIN["scorer"], *named]):
            if getattr(self._workspace.scorer(name), "gates", False):
                yield name


def _known(weights: Mapping[str, float]) -> Mapping[str, float]:
    return {name: weight for name, weight in weights.items() if name in BUILTIN["scorer"]}


def _around(draft: Action) -> Around | None:
    """What stands before and after the place that an action holds for a picture; None where it holds several."""
    if draft.components.count(_PLACE) != 1 or draft.components.count(_NO_PICTURE) != 1:
        return None
    before, _, after = draft.components.partition(_NO_PICTURE)
    return before, after


def _about(pixels: str, before: bytes, after: bytes) -> Action:
    components = b"".join((before, pixels.encode(), after))
    return Action(SCORE, sha256(components), components)


def subject_of(action: Action) -> tuple[str, str]:
    """The pixel digest that a scorer judges, and its name."""
    pixels, scorer = _PIXELS.findall(action.components), _SCORER.findall(action.components)
    if len(pixels) == len(scorer) == 1:
        return pixels[0].decode(), scorer[0].decode()
    components = json.loads(action.components)
    return str(components["pixels"]), str(components["scorer"])
