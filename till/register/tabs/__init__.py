"""Tabs: an order saved to a table or a name, listed on every till, recalled on any, paid there."""
