"""Bytes and keys: content-addressed blobs, action results, fingerprints. Must not know what an image is."""
