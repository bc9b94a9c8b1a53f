"""The acts of other tills: late lines, changes under a cashier's hands, and the sentences about them."""
