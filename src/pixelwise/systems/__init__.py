"""Whole methods built from the house: one folder per system, strangers to one another."""
