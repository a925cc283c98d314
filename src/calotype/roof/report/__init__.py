"""How verdicts and diagnostics read on a terminal, as JSON, and in CI. Must not change anything."""
