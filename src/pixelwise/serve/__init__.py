"""Models that have learnt, behind HTTP, and the page where people look."""
