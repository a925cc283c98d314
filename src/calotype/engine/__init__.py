"""Actions: what must run, why, and in which order. Must not know of files or pixels."""
