"""The line drawing as SVG: well-formed, the same every time, and the same picture."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import numpy as np

from calotype.language.pose import resolve
from calotype.workers.render.mannequin.svg import svg, trace

NAMESPACE = "{http://www.w3.org/2000/svg}"


def request(pose: Any, **changes: Any) -> dict[str, Any]:
    return {"renderer": "mannequin", "epoch": 1, "seed": 7, "size": [320, 320], "drawing": "line", "view": "lateral",
            "side": "right", "position": "standing", "posture": resolve(pose, "standing", {}), "muscles": [],
            "joints": [], **changes}


def test_it_is_well_formed_and_the_same_every_time() -> None:
    one = svg(request("seated"))
    assert one == svg(request("seated"))
    root = ElementTree.fromstring(one)
    assert root.tag == f"{NAMESPACE}svg" and root.attrib["viewBox"] == "0 0 320 320"
    assert len(root.findall(f"{NAMESPACE}path")) >= 4


def test_joints_muscles_arrows_and_ghosts_are_in_it() -> None:
    plain = svg(request("standing"))
    pose = {"from": {}, "to": {"right": {"shoulder_flexion": 90}}, "show": ["arrows", "ghost"]}
    full = svg(request(pose, muscles=["deltoid"], joints=["shoulder joint"]))
    for mark in ("<circle", "<polyline", "<polygon", 'fill="#80868f"', "fill-opacity"):
        assert mark in full and mark not in plain


def test_the_arc_of_an_angle_is_in_it() -> None:
    bent = {"right": {"knee_flexion": 60}}
    assert svg(request({**bent, "arcs": ["right_knee_flexion"]})).count("<polyline") == 3
    assert "<polyline" not in svg(request(bent))


def test_an_outline_follows_its_mask() -> None:
    mask = np.zeros((120, 160), bool)
    mask[20:100, 30:130] = True
    mask[50:70, 60:90] = False
    path = trace(mask)
    assert path.count("M") == path.count("Z") == 2
    numbers = [float(word) for word in path.replace("M", " ").replace("Q", " ").replace("Z", " ").split()]
    assert (min(numbers[::2]), max(numbers[::2])) == (15.0, 65.0)
    assert (min(numbers[1::2]), max(numbers[1::2])) == (10.0, 50.0)
