"""One change per file: a sample in, a changed sample out."""
