"""Widgets that draw themselves by the line from a view and know nothing of what they show. None takes the focus."""
