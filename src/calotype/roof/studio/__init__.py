"""The gallery in the browser: the contact sheets alive, and an HTTP API. Must not know how a picture comes about."""
