"""Floor 3: one checked description of a run, and what it names."""
