"""Scores of candidates. Must not know of picks, targets or publishing."""
