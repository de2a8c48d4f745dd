"""Floor 3: how things run."""
