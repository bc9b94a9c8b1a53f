"""The one write path: commands become events on disk, and orders are the fold of them."""
