"""`python docs/make_props.py`: a drawing of every prop in use, for docs/pose.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calotype.language.pose import resolve
from calotype.language.pose.props.prop_kinds import KINDS
from calotype.workers.render.mannequin.draw import draw

FOLDER = Path(__file__).parent / "props"
SIZE = 256
USED: dict[str, tuple[str, dict[str, Any]]] = {
    "chair": ("lateral", {
        "base": "standing", "right": {"hip_extension": 15}, "contacts": {"hands": "chair_back"},
    }),
    "stool": ("oblique", {"base": "seated", "contacts": {"seat": "stool"}}),
    "bench": ("oblique", {"base": "seated", "contacts": {"seat": "bench"}}),
    "bed": ("oblique", {"base": "supine", "right": {"hip_flexion": 60}, "contacts": {"back": "bed"}}),
    "table": ("lateral", {
        "base": "standing", "shoulder_flexion": 50, "elbow_flexion": 30, "contacts": {"hands": "table"},
    }),
    "step": ("lateral", {
        "base": "standing", "right": {"hip_flexion": 55, "knee_flexion": 70}, "contacts": {"right_foot": "step"},
        "props": [{"step": {"height": 20}}],
    }),
    "wall": ("lateral", {
        "base": "standing", "hip_flexion": 70, "knee_flexion": 80, "contacts": {"back": "wall"},
    }),
    "doorway": ("posterior", {
        "base": "standing", "shoulder_abduction": 80, "elbow_flexion": 90, "shoulder_external_rotation": 80,
        "contacts": {"forearms": "doorway"},
    }),
    "bar": ("anterior", {"base": "hanging"}),
    "stick": ("oblique", {
        "base": "standing", "shoulder_flexion": 100, "forearm_pronation": 80, "contacts": {"hands": "stick"},
    }),
    "barbell": ("oblique", {
        "base": "standing", "hip_flexion": 60, "knee_flexion": 20, "shoulder_flexion": 60, "forearm_pronation": 80,
        "contacts": {"hands": "barbell"},
    }),
    "dumbbell": ("oblique", {
        "base": "standing", "elbow_flexion": 90, "forearm_supination": 80, "contacts": {"hands": "dumbbell"},
    }),
    "weight": ("lateral", {
        "base": "seated", "right": {"knee_flexion": 10}, "props": [{"weight": {"at": "right_ankle"}}],
    }),
    "pulldown": ("anterior", {
        "base": "seated", "shoulder_abduction": 120, "elbow_flexion": 70, "shoulder_external_rotation": 80,
        "forearm_pronation": 80, "contacts": {"hands": "pulldown", "seat": "bench"},
    }),
    "cable": ("lateral", {
        "base": "seated", "shoulder_flexion": 40, "elbow_flexion": 60, "contacts": {"hands": "cable", "seat": "bench"},
    }),
    "band": ("oblique", {
        "base": "standing", "shoulder_flexion": 70, "shoulder_abduction": 25, "elbow_flexion": 20,
        "props": [{"band": {"from": "left_hand", "to": "right_hand"}}],
    }),
    "strap": ("oblique", {
        "base": "supine", "right": {"hip_flexion": 75}, "shoulder_flexion": 60, "elbow_flexion": 20,
        "props": [{"strap": {"from": "hands", "to": "right_foot"}}],
    }),
    "ball": ("lateral", {"base": "seated", "contacts": {"seat": "ball"}}),
    "roller": ("oblique", {
        "base": "supine", "hip_flexion": 20, "knee_flexion": 30, "props": [{"roller": {"under": "knees"}}],
    }),
    "towel": ("lateral", {
        "base": "supine", "right": {"hip_flexion": 12, "knee_flexion": 15},
        "props": [{"towel": {"under": "right_knee"}}],
    }),
    "pillow": ("oblique", {"base": "supine", "props": [{"pillow": {"under": "head"}}]}),
    "mug": ("lateral", {
        "base": "seated", "right": {"shoulder_flexion": 30, "elbow_flexion": 90}, "contacts": {"right_hand": "mug"},
        "props": ["table"],
    }),
    "mat": ("oblique", {"base": "crook_lying", "props": ["mat"]}),
}
"""Each prop in a pose that has it, and the view from which it is drawn."""


def request(name: str, drawing: str = "line", size: int = SIZE) -> dict[str, Any]:
    """The request of the picture of a prop."""
    view, pose = USED[name]
    return {
        "seed": None, "size": [size, size], "drawing": drawing, "view": view, "side": "right",
        "posture": resolve(pose, None, {}), "muscles": [], "joints": [],
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in KINDS:
        draw(request(name)).save(FOLDER / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
