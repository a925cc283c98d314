"""The program's version, as pyproject.toml has it: a test holds them together. Must not import anything."""

VERSION = "0.1.0"
