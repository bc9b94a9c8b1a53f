"""Refunds of sales. Each refund is a stream of its own; the sale never changes."""
