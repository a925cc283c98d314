"""How outcomes, answers and diagnostics read on a terminal and in CI systems."""
