"""Pictures that were put in by hand: what is known of one that stands, and what its target needs."""

from __future__ import annotations

from calotype.engine.rebuild import Asset, Choice, Need, Published, Verdict, decide
from calotype.ground.light_dataclass import replace
from calotype.language.action import Action
from calotype.plan.decided.standing import Standing
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line
from calotype.store.results import LineRecords, Made


def import_made(
    action: Action, pixels: str, path: str, asset: Asset, line: LineRecords, workspace: Workspace
) -> Made | None:
    """What is known of the picture that `action` stands for, which is to be published at `path`. A file there that
    shows its `pixels` needs no `line`."""
    known = workspace.results.get_many([action.key], line, bytes_first=True).get(action.key)
    if (known is not None and known.at_hand) or asset not in (Asset.FOREIGN, Asset.MODIFIED):
        return known
    if not workspace.assets.shows(path, pixels):
        return known
    return Made(pixels, workspace.assets.digest(path), at_hand=True, path=path, local=False)


def import_verdict(key: str, made: Made | None, published: Published | None, asset: Asset, place: int) -> Verdict:
    """What a target needs whose picture was put in by hand, and comes at `place` after its candidates. Where its bytes
    are gone a human is awaited, since nothing makes them again."""
    if made is None:
        return Verdict(Need.AWAIT)
    verdict = decide((key,), {key: made}, Choice(0, "human"), published, asset)
    if verdict.choice is None:
        return Verdict(Need.AWAIT) if verdict.need is Need.PERFORM else verdict
    return replace(verdict, choice=Choice(place, "human"))


def loses_import(verdict: Verdict, human: Standing) -> bool:
    """Whether the picture that was put in is gone: what starts from it goes on with what the manifest says of it."""
    return human.imported is not None and verdict.need is Need.AWAIT


def may_keep(verdict: Verdict, human: Standing) -> bool:
    """Whether `keeps` can be so, whatever is published: to find that out may take every line of the manifest."""
    return human.holds or human.conflict or loses_import(verdict, human)


def keeps(verdict: Verdict, human: Standing, published: Line | None, *, in_place: bool) -> bool:
    """Whether what is `published` of a target stays though a human is awaited, and is put back where it is gone: what
    was approved or put in by hand. Where decisions contradict each other, it is only saved from the place that it had
    before."""
    lasts = published is not None and published.pixels in human.lasting
    return human.holds or loses_import(verdict, human) or (human.conflict and lasts and not in_place)
