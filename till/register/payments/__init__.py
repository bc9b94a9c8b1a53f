"""Payments: checkout, ways to pay, and charges with a provider."""
