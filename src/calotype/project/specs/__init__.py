"""The specs of a project: found, read, looked up by target, and what they share."""
