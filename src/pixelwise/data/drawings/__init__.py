"""What people draw with labelling tools: shapes over images, and how they become labels."""
