"""One project on disk: where its files are, what they say, what the last build left. Must not decide what is stale."""
