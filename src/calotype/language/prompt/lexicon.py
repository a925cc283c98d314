"""The words for every view angle and body position. Must not know how a prompt is put together.

Part of the packaged styles: never edited in place, since that would render every image anew.
"""

from __future__ import annotations

from collections.abc import Mapping

VIEWS: Mapping[str, str] = {
    "lateral": "lateral view from the side",
    "anterior": "anterior view from the front",
    "posterior": "posterior view from behind",
    "oblique": "oblique view",
    "close-up": "close-up detail view",
}
POSITIONS: Mapping[str, str] = {
    "standing": "standing position upright posture",
    "seated": "seated position on chair",
    "supine": "supine position lying on back",
    "prone": "prone position lying face down",
    "quadruped": "quadruped position on hands and knees",
    "side_lying": "side lying position on one side",
    "kneeling": "kneeling position upright on both knees",
    "half_kneeling": "half kneeling position on one knee",
    "long_sitting": "long sitting position on floor legs straight",
    "crook_lying": "crook lying position on back knees bent feet flat",
    "heel_sitting": "heel sitting position kneeling on heels",
    "plank": "plank position face down on hands and toes",
    "hanging": "hanging position from bar",
}
