"""One file per backbone family."""
