"""One file per format.

A function of the file's name writes, `opened` reads; `SUFFIX`, the `BITS` it can compute in, and whether
sizes may stay open (`DYNAMIC`).
"""
