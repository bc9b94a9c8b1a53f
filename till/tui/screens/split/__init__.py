"""Splitting an order among guests: by pieces, by seat, in even parts, by items or by amounts."""
