"""One build, carried out: runner, publishing, pages, traces. Must not decide what is stale."""
