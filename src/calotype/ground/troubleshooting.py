"""The headings of docs/troubleshooting.md that messages name. Must not know what leads to a message.

It imports nothing: messages on the path of every command name a heading.
"""

from __future__ import annotations

PAGE = "docs/troubleshooting.md"

OUT_OF_MEMORY = "Out of memory"
FLAT_PICTURE = "A black or flat picture"
ANATOMY = "Poor anatomy"
STYLE = "An inconsistent style"
DOWNLOAD = "A broken download"
NO_ANCHOR = "No anchor"
DRIFT = "The character drifts"
RATE_LIMIT = "A rate limit"
LOW_SCORES = "Low scores"
ITERATIONS = "Endless iterations"
LOOK_ALIKES = "Look-alikes"


def see(heading: str) -> str:
    """The end of a hint: where the trouble and its cures are told at length."""
    return f"see {PAGE}: {heading}"
