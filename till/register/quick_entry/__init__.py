"""Quick entry: the entry line, which always has the focus. Words, numbers and barcodes become commands."""
