"""The acts of other tills: late lines, changes to an open order, and the sentences about them."""
