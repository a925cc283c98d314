"""Enhanced prompts: what is asked for, what of it must survive, how good a text is. Must not know who writes one."""
