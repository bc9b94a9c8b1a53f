"""The one line that is always focused: words, numbers and barcodes become commands."""
