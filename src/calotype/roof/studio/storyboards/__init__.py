"""Storyboards that are asked for over HTTP."""
