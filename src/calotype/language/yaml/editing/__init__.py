"""YAML that people wrote, changed in single places. Must not know what it means."""
