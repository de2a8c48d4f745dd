"""What can be wrong with labelled data: one file per examination."""
