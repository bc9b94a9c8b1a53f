"""Money for an order: what is due, what a tender settles, when an order is done."""
