"""A caption begins with the trigger word and says what differs from picture to picture, left and right with it."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.image import Image, Words
from calotype.language.pose import resolve
from calotype.language.spec import ImageSpec
from calotype.results.export.captions import MOST_JOINTS, CaptionRules, caption_of

PROMPT = "orange mannequin, olive shorts"
RULES = CaptionRules("fitmannequin")


def image(pose: Any = None, view: str = "anterior", side: str = "right") -> Image:
    return Image(
        target="characters/m/variations/a_01", path="", spec="", kind="variation", seed=0, candidates=1, select="best",
        renderer="mannequin", size=(64, 64), style="", drawing="line", preset={}, view=view, side=side,
        position="standing", posture=resolve(pose, "standing", {}), muscles=(), joints=(), characters=("m",), faces=(),
        loras=(), controls=(), reference=None, models={}, title="", alt="", caption="", tags=(),
        words=lambda: Words("", ""), digest=str, weights=str, pixels=str)


def caption(pose: Any = None, view: str = "anterior", side: str = "right", rules: CaptionRules = RULES, **part: Any) -> str:
    return caption_of(image(pose, view, side), ImageSpec("a", (), **part), PROMPT, rules)


def test_it_says_view_and_posture_and_nothing_of_the_character():
    assert caption() == "fitmannequin, seen from the front, standing"
    assert caption({"base": "seated"}, "posterior") == "fitmannequin, seen from behind, seated"
    assert "orange" not in caption({"left": {"elbow_flexion": 90}})


def test_it_says_left_and_right_of_limbs_and_of_views():
    assert caption({"left": {"elbow_flexion": 90}}) == "fitmannequin, seen from the front, standing, the left elbow bent"
    assert caption({"right": {"elbow_flexion": 90}}).endswith("the right elbow bent")
    assert "seen from the left side" in caption(view="lateral", side="left")
    assert "both elbows bent" in caption({"elbow_flexion": 90})


def test_it_has_no_degrees_and_no_full_stop():
    words = caption({"elbow_flexion": 90, "hip_flexion": 35, "neck_rotation": -20}, "lateral")
    assert not any(letter.isdigit() for letter in words) and not words.endswith(".") and " and " not in words


def test_full_captions_end_with_how_the_character_looks():
    assert caption(rules=CaptionRules("fitmannequin", full=True)) == f"{caption()}, {PROMPT}"


@pytest.mark.parametrize(("written", "read"), [
    ("hands on hips, front view", "fitmannequin, hands on hips, front view"),
    ("fitmannequin, hands on hips", "fitmannequin, hands on hips"),
    ("Fitmannequin standing", "Fitmannequin standing"),
    ("fitmannequins, two of them", "fitmannequin, fitmannequins, two of them"),
    ("a photo of fitmannequin", "fitmannequin, a photo of fitmannequin"),
    ("  two\n lines\x07 ", "fitmannequin, two lines"),
])
def test_the_authors_own_caption_is_taken_with_the_trigger_word_in_front(written: str, read: str):
    assert caption(caption=written) == read
    assert caption(caption=written, rules=CaptionRules("fitmannequin", full=True)) == read


def test_where_no_pose_is_written_the_authors_prompt_says_the_posture():
    unposed = CaptionRules("fitmannequin", posed=False)
    assert caption(rules=unposed, prompt="top of a pull-up") == "fitmannequin, seen from the front, top of a pull-up"
    assert caption(rules=unposed) == "fitmannequin, seen from the front, standing"
    assert caption(prompt="top of a pull-up") == "fitmannequin, seen from the front, standing"


def test_of_many_joints_the_most_telling_are_said():
    many = {"elbow_flexion": 90, "hip_flexion": 60, "knee_flexion": 80, "shoulder_flexion": 70, "neck_rotation": 30,
            "spine_rotation": 20, "wrist_flexion": 20, "neck_flexion": 20, "ankle_dorsiflexion": 10}
    parts = caption(many).split(", ")
    assert len(parts) <= 3 + MOST_JOINTS + 2 and "both elbows bent" in parts


def test_what_is_drawn_besides_is_said():
    shown = CaptionRules("fitmannequin", muscles=("latissimus dorsi",))
    assert caption(rules=shown).endswith("latissimus dorsi highlighted")
