"""A user's waiting orders, on this till or another, and how to resume them."""
