"""Where the server shows things: addresses that pages, the API and the inbox give alike."""

from __future__ import annotations

from calotype.ground.target_names import TargetName, spec_key_of


def page_of(target: str) -> str:
    """The address of a target's image on the contact sheets."""
    name = TargetName(target)
    section = name.part.split("/")[0] if "/" in name.part else ""
    anchor = f"{section}-{name.last}" if section else name.last
    return f"/build/{spec_key_of(target)}.html#{anchor}"
