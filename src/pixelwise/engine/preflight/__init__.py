"""Whether a run is going to work, asked before it begins: pure checks, each returning findings."""
