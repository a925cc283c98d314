"""The commands by which people decide on pictures."""
