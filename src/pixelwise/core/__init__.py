"""Floor 0: the words that everybody uses."""
