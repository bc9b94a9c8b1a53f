"""What was sold, read from the completed orders alone: they never change, so a report of a day never does."""
