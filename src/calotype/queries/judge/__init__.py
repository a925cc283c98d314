"""How often scorers had first what a human chose, and which weights would have had it more often."""
