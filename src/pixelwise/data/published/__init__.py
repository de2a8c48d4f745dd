"""Published data sets: what the numbers in their masks mean, and which files belong together."""
