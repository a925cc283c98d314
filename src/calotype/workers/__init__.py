"""Rooms that make or judge pixels. Must not know of targets, specs or where results are kept."""
