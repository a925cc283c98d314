"""The rules by code: how severe each is unless a project says otherwise, and why it is there. Must not apply any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from calotype.ground.light_dataclass import dataclass

Level = Literal["error", "warning", "off"]


@dataclass(frozen=True, slots=True)
class Rule:
    level: Level
    says: str
    whole: bool = False
    """Whether it takes all specs of a project to tell."""


RULES: Mapping[str, Rule] = {
    "prompt-too-long": Rule("warning", "The end of a prompt that a plain CLIP encoder cuts off is not drawn."),
    "scored-prompt-too-long": Rule("warning", "The end of a prompt that a scorer cuts off decides no score."),
    "negative-in-prompt": Rule("warning", "A prompt that says `no text` names text, and text is drawn."),
    "foreign-prompt-syntax": Rule("warning", "What is a command to another program, as `<lora:x>`, is drawn as words."),
    "laterality": Rule("error", "The words name the left of a limb, and the pose moves the right, or the reverse."),
    "side-mismatch": Rule("warning", "Two texts of one image, or a text and its `side`, name opposite sides."),
    "view-hidden": Rule("warning", "Someone lying is seen from above: from the other side, nobody looks."),
    "alt-missing": Rule("warning", "Who cannot see the picture learns nothing from its alt text."),
    "unknown-anatomy": Rule("warning", "A muscle or joint by a name that no drawing knows is not shown."),
    "description-unread": Rule("warning", "A description says what a drawing from joint angles does not read."),
    "contact-unmet": Rule("warning", "A part of the body cannot reach what the pose says that it touches."),
    "strength-band": Rule("warning", "A strength, weight or guidance lies outside what has proved itself."),
    "setting-unreached": Rule("warning", "A setting of a character that no image takes decides nothing.", whole=True),
    "near-duplicate": Rule("warning", "Two images of a project ask for the same picture in nearly the same words.",
                           whole=True),
}
"""The names under `lint` in the schema of calotype.yaml are these."""


def level(code: str, settings: Mapping[str, Level]) -> Level:
    """How severe a rule is where calotype.yaml says `settings` under `lint`."""
    return settings.get(code, RULES[code].level)


def strict(settings: Mapping[str, Level]) -> dict[str, Level]:
    """What every command looks for that reads a spec: the rules that are errors, each by the one spec alone."""
    return {
        code: "error" if not rule.whole and level(code, settings) == "error" else "off" for code, rule in RULES.items()
    }
