"""Control maps drawn from a pose: what the body hides is left out, or kept where that is asked for."""

from __future__ import annotations

import json

from calotype.language.condition import from_pose
from calotype.workers.condition.pose import draw
from conftest import Space

STANDING = {"base": "standing"}


def test_hidden_joints_are_another_map_under_another_key_and_only_where_they_are_asked_for() -> None:
    plain = from_pose("openpose", STANDING, "lateral", "right", (256, 256), [], "model")
    whole = from_pose("openpose", STANDING, "lateral", "right", (256, 256), [], "model", hidden=True)
    assert plain.key != whole.key and "hidden" not in json.loads(plain.components)
    left_out, kept = (draw(json.loads(action.components)) for action in (plain, whole))
    assert len(kept.getcolors(9999)) > len(left_out.getcolors(9999))


def test_hidden_is_refused_where_it_could_not_act(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\nrenderer: sdxl\n")
    space.write("specs/exercises/reach.yaml", """\
kind: exercise
id: reach
region: shoulder
controls:
  - {type: openpose, from: pose, hidden: true}
  - {type: depth, from: pose, hidden: true}
images: [{pose: standing}]
""")
    [fault] = [each for each in space.call("validate", "--json").json["diagnostics"] if each["code"] == "hidden"]
    assert (fault["line"], fault["severity"]) == (6, "error")
