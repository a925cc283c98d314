"""Prints docs/muscles.md from the table of muscles: `python docs/make_muscles.py > docs/muscles.md`."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.language.pose.muscle_names import MUSCLES, REGIONS

OPENING = """# Muscles

`muscles_shown` takes these names; the mannequin tints the muscle where it lies, a deep one on the skin over it. The
names are those of Terminologia Anatomica or of everyday English, and each synonym means the same. Capitals, hyphens,
a plural, `muscle` and `m.` make no difference; two may be joined, `gastrocnemius and soleus`. Any other name is a
warning with the nearest one ([`unknown-anatomy`](lint.md#unknown-anatomy)).

`left deltoid` tints one side. Where no side is said, it is the side that works: the one whose joints move, in a
movement or away from the base posture, while the other's do not; of two that move, the one that leans on nothing.
Where both work, both are tinted. `both deltoids` tints both in any case. Muscles of neck and trunk are tinted on both
sides unless one is named.

A tint ends at the clothes: the quadriceps is seen below the shorts, the gluteus maximus on them.
"""
TITLES = {"neck": "Neck", "shoulder": "Shoulder and chest", "arm": "Arm and hand", "trunk": "Trunk", "hip": "Hip",
          "thigh": "Thigh", "shank": "Lower leg and foot"}


def page() -> Iterator[str]:
    yield OPENING
    for region in REGIONS:
        yield f"## {TITLES[region]}\n\n| muscle | also called |\n| --- | --- |"
        for muscle in MUSCLES.values():
            if muscle.region == region:
                yield f"| {muscle.name} | {', '.join(muscle.synonyms)} |"
        yield ""


if __name__ == "__main__":
    print("\n".join(page()).rstrip())
