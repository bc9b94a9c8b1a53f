"""The board of the kitchen: its tickets in columns, with what is still to be made."""
