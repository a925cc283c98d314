"""The scores that human choices are held against: what each scorer is asked, what it said, what it has not said yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from calotype.actions.judges import subject_of
from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import replace
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.language.judging.judged import read
from calotype.project.workspace import Workspace
from calotype.queries.judge.human_choices import HumanChoice
from calotype.run.scoring import Scoring
from calotype.store.results import Made

Scores = Mapping[str, float]
"""The name of a scorer -> its score of one picture, 0-100."""


class ScoresAsked:
    """What the scorers of each image are asked about its pictures, as a build asks them. `not_here` says of each that
    a build would ask, and that is not here, why; `obstacles` what keeps others from scoring on this machine."""

    def __init__(self, workspace: Workspace, kinds: Kinds, choices: Sequence[HumanChoice]) -> None:
        self._workspace, self._kinds = workspace, kinds
        self.not_here: dict[str, str] = {}
        self.obstacles: list[Diagnostic] = []
        self._actions = [tuple(self._asked(choice)) for choice in choices]
        self._choices = choices
        self._made: dict[str, Made] = {}
        self.look_up()

    def look_up(self) -> None:
        """Takes in what is known by now."""
        keys = (action.key for actions in self._actions for _, _, action in actions)
        self._made = self._workspace.results.get_many(keys, {})

    def weights(self, image: Image) -> Mapping[str, float]:
        """By which the pictures of an image are ordered."""
        return self._kinds.judges.of(image).weights

    def scores(self, number: int) -> Mapping[str, Scores]:
        """Of each picture of a choice, by its pixel digest, the scores that are known."""
        scores: dict[str, dict[str, float]] = {made.pixels: {} for made in self._choices[number].pictures}
        for pixels, scorer, action in self._actions[number]:
            if action.key in self._made:
                value = read(self._made[action.key].output).value
                if value is not None:
                    scores[pixels][scorer] = value
        return scores

    def missing(self) -> Iterator[Scoring]:
        """The scores that nobody knows, each once."""
        keys: set[str] = set()
        for choice, actions in zip(self._choices, self._actions, strict=True):
            pictures = {made.pixels: made for made in choice.pictures}
            for pixels, _, action in actions:
                if action.key not in self._made and action.key not in keys and self._is_possible(action):
                    keys.add(action.key)
                    yield Scoring(action, pictures[pixels], choice.image.target)

    def _is_possible(self, action: Action) -> bool:
        """Whether it can be performed on this machine; why not is told as a warning, and the scorer is left out."""
        lacking = [replace(each, severity="warning") for each in self._kinds.of(action).lacks(action)]
        self.obstacles += [each for each in lacking if each not in self.obstacles]
        return not lacking

    def _asked(self, choice: HumanChoice) -> Iterator[tuple[str, str, Action]]:
        """Pixel digest, scorer and action."""
        judges = self._kinds.judges
        self.not_here |= judges.of(choice.image).absent
        for action in judges.every_action(choice.image, [picture.pixels for picture in choice.pictures]):
            yield *subject_of(action), action
