"""Floor 2: one loss per file."""
