"""Widgets that draw themselves line by line from a view and know nothing of its meaning. None takes the focus."""
