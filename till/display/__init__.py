"""The display of guests, a leaf: its command, its screen, and the socket by which it follows a till."""
