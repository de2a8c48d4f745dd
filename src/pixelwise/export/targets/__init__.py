"""One file per format: a function of its name that writes, `opened` that reads, `SUFFIX`, and `BITS` it can compute in."""
