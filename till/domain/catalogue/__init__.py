"""What is sold: the menu, and how one is read from a file."""
