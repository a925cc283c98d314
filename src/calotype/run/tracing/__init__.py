"""Traces of scenes: how pictures came about, as files. Must not know how a build goes."""
