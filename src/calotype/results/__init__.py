"""Files that people keep: assets, the manifest and contact sheets. Must not know how pixels are made."""
