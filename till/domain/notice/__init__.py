"""Notices: decisions of the server that a person should know of, and their words."""
