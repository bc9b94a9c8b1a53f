"""Quotes: a basket outside any order, read strictly from JSON, priced by `till.domain.money`, and written."""
