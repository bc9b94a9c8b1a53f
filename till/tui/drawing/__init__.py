"""Appearance: colours, glyphs, big digits, layout and widgets. Nothing here knows what an order is."""
