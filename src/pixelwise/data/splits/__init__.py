"""Who learns and who judges: images that belong together, drawn together, and leaks told."""
