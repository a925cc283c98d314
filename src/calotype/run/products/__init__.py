"""Targets that are no images: what is made of a character's images as a whole. One file a kind."""
