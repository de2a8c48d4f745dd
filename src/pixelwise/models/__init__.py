"""Floor 2: one model per file."""
