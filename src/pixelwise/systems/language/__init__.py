"""Finds what words mean in an image: "the left circle" becomes a mask."""
