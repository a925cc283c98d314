"""What a picture file is, and what it is in a project: plain values for every caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import dataclass, field
from calotype.project.answers import DecisionRow, PromptReview, UsedWeights

Role = Literal["published", "candidate", "reference", "decided", "claimed"]


@dataclass(frozen=True, slots=True)
class PictureUse:
    """What a picture is to one target. `role`: `published` there, a `candidate` that is not, a `reference` that its
    render read, only `decided` on, or `claimed`: the file says that it was rendered for it, and other pixels were.
    `path` is the target's asset, `spec` the spec that asked for it, both empty where
    the target is not known any more. `candidate` is its number among `candidates`, from 1 in seed order; None of one
    that was put in by hand (`origin`: rendered or imported). `scores` are those of each scorer, 0-100, and under
    `identity` how like the character it is, -1 to 1; `kept_out` says of a candidate that awaits a pick why judges keep
    it out. `loras` go by name; `made_with` are all weights, with their licences; `decisions` what people said of it.
    `prompt_review` is how good the enhanced prompt is, `trace` the folder that tells how that target came about."""

    role: Role
    target: str
    path: str = ""
    spec: str = ""
    candidate: int | None = None
    candidates: int = 0
    picked: bool = False
    origin: str = ""
    seed: int | None = None
    prompt: str = ""
    negative: str = ""
    renderer: str = ""
    loras: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    kept_out: str = ""
    made_with: tuple[UsedWeights, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    prompt_review: PromptReview | None = None
    trace: str = ""


@dataclass(frozen=True, slots=True)
class PictureOrigin:
    """How a picture came about. `embedded` is what the file says of itself: `file`, `format`, `mode`, `size` (width,
    height), `sha256`, `pixels` (its pixel digest), and, None where it does not say, `action`, `renderer`, `origin`,
    `seed`, `creator_tool`, `digital_source_type`, `parameters` (A1111's text, by field), `program` and what that has
    `written`. `uses` are what it is in the project, found by its pixels, whatever the file is called and says; none of
    a picture that is unknown there."""

    embedded: Mapping[str, Any]
    uses: tuple[PictureUse, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
