"""Past sales: found, looked at, given back. The list on the left, the sale on the right."""
