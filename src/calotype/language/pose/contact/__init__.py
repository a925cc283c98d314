"""Contacts of a pose: what touches what, how far off it is, and the joints that close the gap."""
