"""Assets, manifest and provenance. Must not know of renderers or schedules."""
