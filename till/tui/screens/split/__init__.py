"""Guests pay an order apart: by pieces, by seat, in even parts or by amounts."""
