"""Quick entry: the one line that always has the focus. Words, numbers and barcodes become commands."""
