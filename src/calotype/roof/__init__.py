"""Where people meet the builder. Must not decide what is stale."""
