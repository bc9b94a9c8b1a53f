"""The one write path: commands become events on disk, and orders are their fold."""
