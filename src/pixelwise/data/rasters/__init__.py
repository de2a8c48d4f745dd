"""Images of any size: opened, read by windows, and written, without torch, which alone takes half a GB."""
