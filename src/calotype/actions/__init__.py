"""Kinds of actions: what each asks for, and what is known of it. Must not know who carries one out."""
