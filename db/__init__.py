"""The database of a venue: its tables, its functions, and the server that carries them. Knows nothing of `till`."""
