"""Past sales, to find, view and refund: the list on the left, the sale on the right."""
