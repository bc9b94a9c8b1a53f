"""Tables and tabs: what is open, for whom and how long; save, recall, add, merge, move."""
