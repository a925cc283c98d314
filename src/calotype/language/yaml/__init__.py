"""YAML with places, bounds and helpful errors. Must not know what a document means."""
