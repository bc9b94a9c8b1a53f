"""The manager's desk: an overview of the whole venue, and acts on it."""
