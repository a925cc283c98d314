"""A command of another terminal, run by the watch that is at work on the same project."""
