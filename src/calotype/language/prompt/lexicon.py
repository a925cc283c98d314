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
}
