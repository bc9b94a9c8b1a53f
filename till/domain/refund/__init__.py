"""Refunds: parts of a sale that go back to its payments. Each is a stream of its own; the sale never changes."""
