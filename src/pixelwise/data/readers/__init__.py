"""One reader per format: a function named like its file, found by name."""
