"""Tabs: orders saved to a table or a name, listed on every till, and recalled and paid on any till."""
