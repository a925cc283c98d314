"""What each target needs, and why. Must not render, publish or print."""
