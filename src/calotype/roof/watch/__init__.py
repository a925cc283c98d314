"""A project built anew at each change, until somebody ends it."""
