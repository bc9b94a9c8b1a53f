"""Logging in and out, and what a person finds when they come."""
