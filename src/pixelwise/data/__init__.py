"""Floor 2: from files to batches."""
