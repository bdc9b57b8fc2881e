"""A MongoDB of the program's own, so that a laptop needs no database server."""
