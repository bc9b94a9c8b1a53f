"""Payments: checkout, tenders, and charges with a provider."""
