"""From a brief to a board of shots, by a lexicon of beats (beats.json). Must not know specs, files, nor who asks."""
