"""Floor 4: one verb per file."""
