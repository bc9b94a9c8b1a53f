"""Widgets that draw themselves line by line from a view and do not depend on its meaning. They never take the focus."""
