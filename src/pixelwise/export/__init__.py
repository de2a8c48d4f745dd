"""A trained model as a file for other runtimes, and the proof that it says the same."""
