"""The kinds of actions that this program knows, in the order of their stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from calotype.actions import conditions, enhances, renders, scores
from calotype.actions.conditions import Condition
from calotype.actions.enhances import Enhance
from calotype.actions.identities import Likeness
from calotype.actions.kinds import ActionKind, Output
from calotype.actions.renders import Render
from calotype.actions.scores import Score
from calotype.language.action import Action
from calotype.project.workspace import Workspace

if TYPE_CHECKING:
    from calotype.results.publish.provenance import Embed
    from calotype.workers.protocol import Outcome, Request
    from calotype.workers.work import Encode


class Kinds:
    """The kinds, set up for one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        score, self.likeness, self.enhance = Score(workspace), Likeness(workspace), Enhance(workspace)
        kinds: tuple[ActionKind, ...] = self.enhance, Condition(workspace), Render(workspace), self.likeness, score
        self._kinds = {kind.name: kind for kind in kinds}
        self.judges = score.judges

    def __iter__(self) -> Iterator[ActionKind]:
        return iter(self._kinds.values())

    def named(self, name: str) -> ActionKind:
        return self._kinds[name]

    def of(self, action: Action) -> ActionKind:
        return self._kinds[action.kind]


def encoder(embed: Embed, names: Mapping[str, str] | None = None) -> Encode[Output]:
    """What turns an outcome into what is kept; `names` are what LoRAs are called, by digest. It pickles, and runs where
    the outcome was made."""
    return partial(_encode, embed, dict(names or {}))


def _encode(embed: Embed, names: Mapping[str, str], request: Request, outcome: Outcome) -> Output:
    from calotype.workers.protocol import Rendered, Scored, Written

    if isinstance(outcome, Scored):
        return scores.encode(request, outcome)
    if isinstance(outcome, Written):
        return enhances.encode(request, outcome)
    assert isinstance(outcome, Rendered)
    if "renderer" in request:
        return renders.encode(embed, names, request, outcome)
    return conditions.encode(request, outcome)
