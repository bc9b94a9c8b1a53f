"""The kitchen: its stations, and the tickets that say what each has to make."""
