"""The HTTP API of the Studio, a file for each thing that it speaks of."""
