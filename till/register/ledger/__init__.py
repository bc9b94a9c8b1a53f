"""The one write path: commands become events on disk, and orders are folded from them."""
