"""Finds a vessel, then what is in it: the vessel's outline steers the second network (valve filters)."""
