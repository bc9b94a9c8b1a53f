"""The catalogue: the menu of a venue, its promotions, and the files that they are read from."""
