"""Writers of prompts: two agents in rounds, by a lexicon or behind an endpoint. Must not know projects, nor caches."""
