"""The catalogue: the menu of a venue, and the files that it is read from."""
