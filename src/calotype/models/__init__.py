"""Weights: where they lie, their digests, how they are fetched. Must not know what a model is for."""
