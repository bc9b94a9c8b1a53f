"""A till's day, replayed for a manager event by event, forward and back. Nothing changes by it."""
