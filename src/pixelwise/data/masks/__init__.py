"""What the numbers in mask files mean: read, counted, settled by the label contract."""
