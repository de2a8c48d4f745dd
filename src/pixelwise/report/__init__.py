"""Floor 3: what people look at."""
