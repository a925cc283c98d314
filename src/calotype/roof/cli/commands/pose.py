"""`calotype pose`: one pose drawn by itself, and its conditioning maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.paths import find_root
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

if TYPE_CHECKING:
    from calotype.queries.pose_drawing import PoseResult

VIEWS = ("lateral", "anterior", "posterior", "oblique", "close-up")


class Size(click.ParamType[tuple[int, int]]):
    """`1024`, or `832x1216`: each from 16 to 8192, a multiple of 8."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        parts = str(value).lower().split("x")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
            self.fail(f"`{value}` is no size: write 1024, or 832x1216", param, ctx)
        width, height = int(parts[0]), int(parts[-1])
        if any(not 16 <= pixels <= 8192 or pixels % 8 for pixels in (width, height)):
            self.fail(f"`{value}`: width and height are multiples of 8 from 16 to 8192", param, ctx)
        return width, height


@click.command("pose", epilog=examples(
    "calotype pose specs/poses/reach.yaml --maps --view lateral -o reach",
    "calotype pose exercises/cat_cow/02 -o cat --drawing mesh",
    "calotype pose quadruped --view oblique",
    "calotype pose keypoints.json --view lateral --yaml > specs/poses/found.yaml"))
@shared
@click.argument("path", metavar="PATH")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Draw into this folder.")
@click.option("--maps", is_flag=True, help="Also its ControlNet maps and keypoints.")
@click.option("--svg", is_flag=True, help="Also drawing.svg, a line drawing.")
@click.option("--view", type=Choice(VIEWS), help="The target's own, else oblique.")
@click.option("--side", type=Choice(("left", "right")), help="The subject's side that faces the camera.")
@click.option("--size", type=Size(), metavar="N|WxH", help="Pixels: the target's own, else 1024.")
@click.option("--drawing", type=Choice(("line", "mesh")), help="The target's or the project's own, else line.")
@click.option("--profile", type=Choice(("openpose", "xinsir")), default="openpose", show_default=True,
              help="Limb widths of the OpenPose map.")
@click.option("--hidden", is_flag=True, help="Keep joints that are hidden behind the body, in keypoints and map.")
@click.option("--person", type=click.IntRange(min=1), metavar="N", help="Of several in keypoint JSON, the N-th.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the pose that keypoint JSON shows.")
@click.pass_obj
def command(
    settings: Settings, path: str, output: Path | None, maps: bool, svg: bool, view: str | None,
    side: str | None, size: tuple[int, int] | None, drawing: str | None, profile: str, hidden: bool,
    person: int | None, as_yaml: bool,
) -> int:
    """Draw one pose by itself, and tell it in words.

    PATH is a pose file, a pose's or base posture's id, a target, or keypoint JSON of another program (OpenPose, DWPose,
    COCO, AlphaPose, MediaPipe), with the --view it was seen from. With -o it writes drawing.png and, with --maps,
    openpose.png, depth.png, canny.png, lineart.png, scribble.png, segmentation.png and keypoints.json, over files of
    these names.
    """
    from calotype.queries.pose_drawing import PoseOptions, pose

    if (maps or svg) and output is None:
        raise click.UsageError(f"--{'maps' if maps else 'svg'} needs a folder to write to: -o DIR")
    if hidden and not maps:
        raise click.UsageError("--hidden is for --maps")
    if (as_yaml or person) and Path(path).suffix.lower() != ".json":
        raise click.UsageError(f"--{'yaml' if as_yaml else 'person'} is for keypoint JSON")
    root = settings.open().root if settings.project else find_root(Path())
    posed = pose(root, path, output, PoseOptions(maps, view, side, size, drawing, profile, svg, hidden, person))
    settings.echo_diagnostics(posed.diagnostics, root)
    settings.echo_result(_yaml(posed) if as_yaml else _text(posed, settings), _json(posed))
    return EXIT_DONE


def _text(posed: PoseResult, settings: Settings) -> str:
    words = [posed.description if settings.verbose else posed.alt]
    return "\n".join([*([] if settings.quiet else words), *posed.paths])


def _yaml(posed: PoseResult) -> str:
    import yaml

    return yaml.safe_dump(posed.written, sort_keys=False).rstrip("\n")


def _json(posed: PoseResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "name": posed.name, "paths": list(posed.paths), "view": posed.view, "side": posed.side,
        "size": list(posed.size), "drawing": posed.drawing, "alt": posed.alt, "description": posed.description,
        "posture": posed.posture, "pose": posed.written,
        "angles": posed.angles, "contacts": list(posed.contacts), "penetration": posed.penetration,
        "diagnostics": [diagnostic.as_json() for diagnostic in posed.diagnostics],
    }
