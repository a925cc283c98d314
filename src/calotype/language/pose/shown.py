"""The names by which a drawing marks joints: `joints_shown`. Must not know where they lie.

A name counts wherever it stands in what an author wrote: `left metatarsophalangeal joint` is `metatars`.
"""

from __future__ import annotations

JOINTS = (
    "metatars", "ankle", "knee", "hip", "wrist", "elbow", "shoulder", "glenohumeral", "scapul", "cervical", "neck",
    "thoracic", "lumbar", "spine", "sacroiliac",
)


def is_joint(text: str) -> bool:
    return any(name in text.lower() for name in JOINTS)
