"""Families of flow matching: a transformer, and one text encoder."""
