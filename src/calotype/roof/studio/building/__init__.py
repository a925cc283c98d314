"""Builds while the gallery is open, in a process of their own. Must not serve anything."""
