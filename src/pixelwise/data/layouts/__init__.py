"""Where images and masks lie: the folders, names and lists that people use."""
