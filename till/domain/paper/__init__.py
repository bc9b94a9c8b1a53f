"""Documents on paper: what stands on them, row by row, and their lines for a width and a device."""
