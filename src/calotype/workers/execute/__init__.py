"""Executors: where batches of renders run. Must not know of caches or publishing."""
