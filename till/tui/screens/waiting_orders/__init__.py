"""A user's orders that wait, here or on another till, and how one comes back."""
