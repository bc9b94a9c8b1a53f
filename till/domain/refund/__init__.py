"""Refunds: what of a sale goes back to what paid for it. Each is a stream of its own; the sale never changes."""
