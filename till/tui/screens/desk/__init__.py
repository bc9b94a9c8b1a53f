"""The manager's desk: the whole venue at a look, and what can be done about it."""
