"""Login, logout, and what a user finds on arrival."""
