"""What specs mean: YAML to requests. Must not know of caches, of files that were made, or of renderers."""
