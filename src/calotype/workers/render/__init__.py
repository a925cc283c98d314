"""Renderers behind one protocol. Must not know of targets, caches or publishing."""
