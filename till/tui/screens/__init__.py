"""A room for each screen: its state, what keys make of it, how it looks; and the sheets of its subject."""
