"""Floor 2: scores, as functions of counts."""
