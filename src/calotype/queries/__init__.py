"""Questions that build nothing: how targets stand, why, and what this machine lacks. Must not render."""
