"""Notices: decisions of the server that a person must see, and their texts."""
