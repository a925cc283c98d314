"""The commands that stay at work until ^C: a watch, a Studio, the demo."""
