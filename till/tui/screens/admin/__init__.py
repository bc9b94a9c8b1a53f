"""Sheets for what needs a manager's attention."""
