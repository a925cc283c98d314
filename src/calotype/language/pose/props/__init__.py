"""Props: what a pose may name beside the body, what it says of each, and where each stands. Must not know pictures."""
