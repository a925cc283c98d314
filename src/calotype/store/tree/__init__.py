"""A tree of files held against how it was: record, snapshot, comparison. Must not know what files are for."""
