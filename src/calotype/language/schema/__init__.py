"""The schemas of every kind of file, and errors in the words of people. Must not know where files are."""
