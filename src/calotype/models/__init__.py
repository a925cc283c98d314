"""Weights: where they lie, their digests, how they are fetched."""
