"""One command, one file, one function that returns the exit code. Must not know how a build is done."""
