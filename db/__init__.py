"""The database of a venue: its tables, its functions, and its embedded server. It does not import `till`."""
