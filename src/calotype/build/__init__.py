"""The one place that wires plan, run and publish together. Must not know of terminals."""
