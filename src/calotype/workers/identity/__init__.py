"""How much a picture is like a character. Must not know of thresholds, picks or publishing."""
