"""Edits of specs: their text, single values in it, and poses as they are moved. Must not build anything."""
