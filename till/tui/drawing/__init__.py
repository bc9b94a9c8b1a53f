"""Appearance: colours, glyphs, big digits, layout and widgets. It does not depend on orders."""
