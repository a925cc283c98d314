"""Lint: what is valid and still seldom what an author wants. Must not know renderers, caches, nor other files."""
