"""Tabs: orders saved to a table or a name, listed on every till, recalled and paid on any."""
