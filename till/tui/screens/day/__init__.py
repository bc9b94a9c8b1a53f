"""A till's day, replayed event by event for a manager. Read only."""
