"""Muscles on the figure: where they lie, and what of them is seen."""
