"""The command line: one command, one function. Must not know how a build is done."""
